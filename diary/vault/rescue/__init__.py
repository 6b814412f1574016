"""Getting words out of a damaged vault, page by page, without the database engine."""
