"""How well the diary finds and answers, measured on data that is not part of the project."""
