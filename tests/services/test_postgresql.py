"""The PostgreSQL that `make test-services` brings works on this machine."""

import pytest

pytestmark = pytest.mark.services


def test_a_postgresql_server_answers(postgres_url: str) -> None:
    import psycopg

    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT 40 + 2").fetchone()
    assert row == (42,)


def test_each_test_has_a_database_of_its_own(postgres_url: str) -> None:
    import psycopg

    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE only_here (id int)")
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'").fetchone()
    assert tables == (1,)
