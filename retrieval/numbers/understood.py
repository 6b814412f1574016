"""The words of a question about numbers that need no explanation of their own; pure."""

from __future__ import annotations

from retrieval.numbers.well_known import PARTS, PRACTICE
from retrieval.stop_words import is_stop_word
from retrieval.when.words import NUMBERS

_OF_ASKING = """
what which how when wie was wann welche welcher welches many much often long far high low heavy viel viele
hoch niedrig schwer lange weit oft exactly please tell give show list compute calculate work out me
"""
_OF_LOGGING = """
play plays played playing spend spends spent spending log logs logged logging record records recorded
recording measure measures measured measuring measurement measurements note notes noted noting track tracked
tracking write wrote written down enter entered entry entries diary notebook journal reading readings score
scores scored scoring rating ratings rated value values level levels figure figures number numbers count
counts data point points result results amount amounts day days night nights morning mornings week weeks
month months year years time times session sessions dose doses tablet tablets pill pills take taken taking
took did do does done have had has having been being was were is are am be get got getting getan genommen
eingenommen notiert protokolliert gemessen eingetragen einträge eintrag hatte observations observation clock
unit units per each every daily weekly monthly yearly nightly across among within own hours hour minutes
minute mins min minuten stunden stunde kg kilos
"""
_OF_COMPUTING = """
average averages averaged averaging mean typical typically median highest maximum max longest largest
biggest greatest peak heaviest record lowest minimum min shortest smallest lightest least fewest most worst
best total totals totalled altogether sum summed add adds streak streaks row consecutive straight running
rate frequency frequent frequently compare compared compares comparing comparison difference differ differs
different change changed changes changing trend trends trending course development progress progressed
progressing move moved moving gone going go goes went grow grown grew growing develop developed evolve
evolved rise risen rose rising fall fallen fell falling drop dropped dropping improve improved improving
worsen worsened worsening increase increased increasing decrease decreased decreasing lose lost losing gain
gained gaining put come came coming crept climb climbed climbing shift shifted steady steadily up more less
fewer better worse rarer rarely higher lower longer shorter milder heavier lighter bigger smaller greater
slower faster quicker weaker stronger slowest fastest quickest briefest mildest weakest strongest furthest
farthest bad good big overall general usual usually normal normally last first latest earliest recent
recently current currently present final newest now ever far so since till until between against versus vs
than or either ago today ten over all any one ones durchschnitt durchschnittlich durchschnittliche
durchschnittlichen mittel mittlere mittlerer schnitt im höchste höchster höchstes höchsten niedrigste
niedrigster niedrigsten längste längster längsten kürzeste kürzester kürzesten stärkste stärkster stärksten
tiefste tiefster größte größter kleinste kleinster schnellste schnellster langsamste langsamster schwächste
insgesamt gesamt wenigste meiste meisten hintereinander zuletzt letzte letzten letztes erste ersten erstes
mehr weniger besser schlechter länger kürzer höher verändert entwickelt verlauf aktuelle aktuelles vergleich
verglichen seltener häufiger öfter pro tag tage nacht nächte woche wochen monat monate jahr jahre mal
"""
_UNDERSTOOD = (
    frozenset(f"{_OF_ASKING} {_OF_LOGGING} {_OF_COMPUTING}".split())
    | frozenset(PARTS)
    | PRACTICE
    | frozenset(word for phrase in NUMBERS for word in phrase.split())
)
_OUT_OF = "10"


def is_understood(word: str) -> bool:
    """Whether a word in lower case needs no explanation in a question about numbers.

    A figure or a month that nothing has read is not understood: it may be the year or the day that is meant.
    """
    if word in _UNDERSTOOD or word == _OUT_OF:
        return True
    return is_stop_word(word) or word.startswith("durchschnitt")
