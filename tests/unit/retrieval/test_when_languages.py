"""Times in German, Spanish and French, read on Saturday 1 November 2025, and English that looks like them."""

from __future__ import annotations

from datetime import date

import pytest

from retrieval.when import parse_range, parse_ranges

AS_OF = date(2025, 11, 1)

# question · first day · last day · the words it was read from, when they are not the whole
TABLE = """
heute | 2025-11-01 | 2025-11-01
vorgestern | 2025-10-30 | 2025-10-30
letzten Dienstag | 2025-10-28 | 2025-10-28
Was habe ich letzte Woche geschrieben? | 2025-10-20 | 2025-10-26 | letzte Woche
vorletzte Woche | 2025-10-13 | 2025-10-19
letztes Jahr | 2024-01-01 | 2024-12-31
letzten Sommer | 2025-06-01 | 2025-08-31
Was war im Mai 2024? | 2024-05-01 | 2024-05-31 | im Mai 2024
am 3. März 2024 | 2024-03-03 | 2024-03-03
vom 3. bis 5. Mai | 2025-05-03 | 2025-05-05
vor drei Wochen | 2025-10-06 | 2025-10-12
in den letzten zwei Wochen | 2025-10-18 | 2025-11-01
seit März | 2025-03-01 | 2025-11-01
zwischen Mai und Juli 2024 | 2024-05-01 | 2024-07-31
bis Ende Mai | - | 2025-05-31
vor Ostern | - | 2025-04-19
zwei Tage nach Weihnachten | 2024-12-27 | 2024-12-27
im ersten Quartal 2025 | 2025-01-01 | 2025-03-31
in der zweiten Hälfte des Jahres 2024 | 2024-07-01 | 2024-12-31
Wie ging es mir im Winter? | 2024-12-01 | 2025-02-28 | im Winter
ayer | 2025-10-31 | 2025-10-31
anteayer | 2025-10-30 | 2025-10-30
el lunes pasado | 2025-10-27 | 2025-10-27
la semana pasada | 2025-10-20 | 2025-10-26
el año pasado | 2024-01-01 | 2024-12-31
el verano pasado | 2025-06-01 | 2025-08-31
¿Cómo dormí en enero? | 2025-01-01 | 2025-01-31 | en enero
en mayo de 2024 | 2024-05-01 | 2024-05-31
el 3 de marzo de 2024 | 2024-03-03 | 2024-03-03
del 3 al 5 de mayo | 2025-05-03 | 2025-05-05
hace tres semanas | 2025-10-06 | 2025-10-12
en los últimos dos meses | 2025-09-01 | 2025-11-01
desde marzo | 2025-03-01 | 2025-11-01
entre mayo y julio de 2024 | 2024-05-01 | 2024-07-31
antes de Pascua | - | 2025-04-19
dos días después de Navidad | 2024-12-27 | 2024-12-27
a principios de junio | 2025-06-01 | 2025-06-10
en el segundo trimestre de 2024 | 2024-04-01 | 2024-06-30
la primera mitad de 2024 | 2024-01-01 | 2024-06-30
hier | 2025-10-31 | 2025-10-31
avant-hier | 2025-10-30 | 2025-10-30
lundi dernier | 2025-10-27 | 2025-10-27
la semaine dernière | 2025-10-20 | 2025-10-26
Comment ai-je dormi le mois dernier ? | 2025-10-01 | 2025-10-31 | le mois dernier
l'été dernier | 2025-06-01 | 2025-08-31
en mai 2024 | 2024-05-01 | 2024-05-31
le 3 mars 2024 | 2024-03-03 | 2024-03-03
le 1er mai | 2025-05-01 | 2025-05-01
du 3 au 5 mai | 2025-05-03 | 2025-05-05
il y a trois semaines | 2025-10-06 | 2025-10-12
ces deux derniers mois | 2025-09-01 | 2025-11-01
depuis mars | 2025-03-01 | 2025-11-01
entre mai et juillet 2024 | 2024-05-01 | 2024-07-31
avant Pâques | - | 2025-04-19
deux jours après Noël | 2024-12-27 | 2024-12-27
début juin | 2025-06-01 | 2025-06-10
au deuxième trimestre 2024 | 2024-04-01 | 2024-06-30
3 mars 2024 | 2024-03-03 | 2024-03-03
"""
CASES = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]

NO_TIME = """
the mission to mars
how much mayo did I eat
what dies in the end
el
mars
die Hard
mars bars
jeden Montag
cada lunes
chaque lundi
vor meiner Operation im Mai
desde mi operación
depuis que j'ai déménagé
""".strip().splitlines()


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_time_is_read_in_the_language_of_the_question(case: list[str]):
    question, start, end, *phrase = case
    found = parse_range(question, AS_OF)
    assert found is not None
    assert (str(found.start or "-"), str(found.end)) == (start, end)
    assert found.phrase == (phrase[0] if phrase else question)


@pytest.mark.parametrize("question", NO_TIME)
def test_what_only_looks_like_a_time_of_another_language_gives_none(question: str):
    assert parse_range(question, AS_OF) is None


@pytest.mark.parametrize(
    "question", ["what did el nino do in may", "en route to work in May", "did I see Mai in May?"]
)
def test_a_foreign_word_leaves_an_english_question_english(question: str):
    found = parse_range(question, AS_OF)
    assert found is not None
    assert (found.start, found.end) == (date(2025, 5, 1), date(2025, 5, 31))


@pytest.mark.parametrize(
    "question",
    [
        "War ich im Mai 2024 besser als im Juni 2024?",
        "¿Dormí mejor en mayo de 2024 que en junio de 2024?",
        "Ai-je mieux dormi en mai 2024 qu'en juin 2024 ?",
    ],
)
def test_both_times_of_a_comparison_are_read(question: str):
    months = [(found.start, found.end) for found in parse_ranges(question, AS_OF)]
    assert months == [(date(2024, 5, 1), date(2024, 5, 31)), (date(2024, 6, 1), date(2024, 6, 30))]
