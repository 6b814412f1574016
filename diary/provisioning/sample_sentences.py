"""Sentences on which a converted embedder is compared with the original: short and long, dates, numbers,
names.

Made up for this purpose, in the manner of what the diary holds.
"""

SAMPLE_SENTENCES = (
    "Slept badly again.",
    "Headache from three in the afternoon, right side, gone after ibuprofen and a dark room.",
    "[8 May 2023, Mon] Walked to the weir with Ana; the herons are back.",
    "Blood pressure 124/79 before breakfast, 131/84 after the stairs.",
    "Started sertraline 50 mg today. Dr Okafor said to give it six weeks.",
    "Argued with Tom about the kitchen and then about everything else, and apologised before bed.",
    "Physio: three sets of ten, the knee held, a little swelling in the evening.",
    "I am grateful for the rain, for the quiet house and for my sister's voice on the telephone.",
    "Weight 71.4 kg.",
    "Woke at 4:40 and could not stop counting what might go wrong at work.",
    "The migraine diary shows nine days in March and four in April.",
    "Lunch with the team; I said no to the second project and nobody minded.",
    "Mum's hip operation is on the 14th. I will take the train on the 12th and stay a week.",
    "Ran five miles in the rain, slower than last week, happier than last week.",
    "How often did I have trouble falling asleep last winter?",
    "When did I last see the dentist?",
    "Felt a panic attack coming in the supermarket, breathed, counted the tiles, and finished the shopping.",
    "Glucose 8.4 mmol/L two hours after dinner; too much bread.",
    "Cried a little, for no reason that I could find, and then made soup.",
    "Read until midnight: the chapter about the lighthouse keeper and his daughters.",
    "No coffee since Sunday, and the palpitations have stopped.",
    "The new manager moved our meeting for the third time, and I noticed how tight my jaw was all afternoon.",
    "Émilie a téléphoné de Genève; nous partons en août.",
    "Am Abend lange mit Jörg über den Umzug gesprochen.",
    "Topiramate 25 mg in the evening, tingling in the fingers, otherwise fine.",
    "To do: renew the prescription, call the insurance, water the tomatoes, write to Ines.",
    "It was the first morning for weeks on which I wanted to get up; the light came through the curtains, "
    "somebody was already making tea, and for once the list of things to be done did not begin before I did.",
    "x",
)
