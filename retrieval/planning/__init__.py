"""Plans: what notes name as wanted, promised, arranged or in the way becomes dated items with their quotes.

Rooms: `planner` (goal → Plan), `settling` (one item for each thing: moved, called off, done), `checklist` (a
plan as a Markdown list that can be edited and read back), `calendar` (a plan as an iCalendar file).
"""
