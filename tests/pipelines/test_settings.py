"""The configuration: names, defaults, and one clear line per mistake."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import MADE_UP, PROJECT, ConfigurationMistakes, load_settings

INFRASCALE = {
    "INFRASCALE_BASE_URL": "https://secure.example.com/WebApi/AccountManagementService",
    "INFRASCALE_USERNAME": "2222WS",
    "INFRASCALE_PASSWORD": "correct horse",
}


def _set(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def _mistakes(project: Path) -> tuple[str, ...]:
    with pytest.raises(ConfigurationMistakes) as caught:
        load_settings(project)
    return caught.value.lines


def test_nothing_set_means_no_active_vendor_and_data_under_the_project(tmp_path: Path) -> None:
    """A fresh clone is a valid configuration with nothing to pull."""
    settings = load_settings(tmp_path)
    assert not any(settings.connections.values())
    assert settings.home == tmp_path / "data"
    assert settings.warehouse == tmp_path / "data" / "warehouse.duckdb"
    assert settings.zone.key == "UTC"


def test_a_vendor_is_active_when_its_required_variables_are_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Optional ones have the documented defaults."""
    _set(monkeypatch, INFRASCALE)
    (connection,) = load_settings(tmp_path).connections["infrascale"]
    assert (connection.name, connection.username, connection.entity_id) == ("default", "2222WS", 0)
    assert "correct horse" not in repr(connection)


def test_a_half_set_vendor_is_a_mistake_for_each_missing_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typo in one name does not silently switch a vendor off."""
    _set(monkeypatch, {"INFRASCALE_BASE_URL": INFRASCALE["INFRASCALE_BASE_URL"]})
    assert _mistakes(tmp_path) == (
        "INFRASCALE_USERNAME is not set, though INFRASCALE_BASE_URL is",
        "INFRASCALE_PASSWORD is not set, though INFRASCALE_BASE_URL is",
    )


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (
            "http://secure.example.com/WebApi/AccountManagementService",
            "plain http is accepted only for loopback",
        ),
        ("secure.example.com", "is not a URL"),
        ("https://secure.example.com/", "WebApi/AccountManagementService"),
    ],
)
def test_a_wrong_base_url_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, says: str
) -> None:
    """The line starts with the variable's name."""
    _set(monkeypatch, INFRASCALE | {"INFRASCALE_BASE_URL": url})
    (line,) = _mistakes(tmp_path)
    assert line.startswith("INFRASCALE_BASE_URL ")
    assert says in line


def test_plain_http_is_accepted_on_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox speaks it."""
    url = "http://127.0.0.1:8700/WebApi/AccountManagementService"
    _set(monkeypatch, INFRASCALE | {"INFRASCALE_BASE_URL": url})
    assert load_settings(tmp_path).connections["infrascale"][0].base_url == url


def test_every_mistake_is_told_at_once_and_no_secret_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several wrong values, several lines, in one go."""
    _set(monkeypatch, INFRASCALE | {"INFRASCALE_ENTITY_ID": "correct horse", "INFRASCALE_BASE_URL": "x"})
    monkeypatch.setenv("BACKUP_BILLING_NOW", "2026-11-02T02:00:00")
    (tmp_path / "billing.toml").write_text('time_zone = "Mars/Olympus"\ncolour = 1\n')
    lines = _mistakes(tmp_path)
    assert [line.split(" ")[0] for line in lines] == [
        "billing.toml:",
        "billing.toml:",
        "BACKUP_BILLING_NOW",
        "INFRASCALE_BASE_URL",
        "INFRASCALE_ENTITY_ID",
    ]
    assert "no offset" in lines[2]
    assert not any("correct horse" in line for line in lines)


def test_further_connections_come_from_billing_toml_and_their_own_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two sets of credentials at one vendor, each with its own limits."""
    _set(monkeypatch, INFRASCALE)
    _set(monkeypatch, {name.replace("INFRASCALE", "INFRASCALE_EMEA"): v for name, v in INFRASCALE.items()})
    (tmp_path / "billing.toml").write_text(
        'time_zone = "Europe/Berlin"\n'
        '[[connection]]\nvendor = "infrascale"\nname = "emea"\nenv_prefix = "INFRASCALE_EMEA"\n'
        "requests_per_second = 3\n"
    )
    settings = load_settings(tmp_path)
    first, second = settings.connections["infrascale"]
    assert (first.name, second.name, second.requests_per_second) == ("default", "emea", 3)
    assert settings.zone.key == "Europe/Berlin"


def test_values_of_a_vendor_do_not_belong_in_billing_toml(tmp_path: Path) -> None:
    """A password in a file that is shared is refused by name, not read."""
    (tmp_path / "billing.toml").write_text('[[connection]]\nvendor = "infrascale"\npassword = "p"\n')
    (line,) = _mistakes(tmp_path)
    assert "'password' does not belong here" in line


def test_dot_env_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable set outside overrides the file."""
    monkeypatch.delenv("PYTHON_DOTENV_DISABLED")
    text = "".join(f"{name}='{value}'\n" for name, value in INFRASCALE.items())
    (tmp_path / ".env").write_text(text)
    monkeypatch.setenv("INFRASCALE_USERNAME", "3333WS")
    for name in INFRASCALE:
        monkeypatch.setenv(name, os.environ.get(name, ""))  # so that what .env sets is undone afterwards
        if not os.environ[name]:
            monkeypatch.delenv(name)
    (connection,) = load_settings(tmp_path).connections["infrascale"]
    assert connection.username == "3333WS"


IN_A_CONFIGURED_CHECKOUT = """
import os
from pipelines.settings import PROJECT, load_settings

def test_nothing_is_configured():
    settings = load_settings()
    assert not any(settings.connections.values())
    assert settings.home == PROJECT / "data"
    assert settings.zone.key == "UTC"
    assert not [name for name in os.environ if name.startswith(("INFRASCALE_", "XOPERO_", "BACKUP_BILLING_"))]
"""


def test_what_a_person_has_configured_reaches_no_test(tmp_path: Path) -> None:
    """Neither from `.env` and `billing.toml` beside the code, nor from the environment."""
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "tests").mkdir()
    for name in ("pyproject.toml", "pipelines/__init__.py", "pipelines/settings.py"):
        shutil.copy(PROJECT / name, tmp_path / name)
    for name in ("tests/conftest.py", "tests/unconfigured.py"):
        shutil.copy(PROJECT / name, tmp_path / name)
    for room in ("connectors", "warehouse"):
        (tmp_path / room).symlink_to(PROJECT / room)
    (tmp_path / ".env").write_text("".join(f"{name}='{value}'\n" for name, value in INFRASCALE.items()))
    (tmp_path / "billing.toml").write_text('time_zone = "Mars/Olympus"\n')
    (tmp_path / "tests" / "test_it.py").write_text(IN_A_CONFIGURED_CHECKOUT)
    exported = {"XOPERO_NAME": "me", "BACKUP_BILLING_HOME": "elsewhere", "PYTHONPATH": str(tmp_path)}
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests"],
        cwd=tmp_path,
        env={**os.environ, **exported, "PYTHON_DOTENV_DISABLED": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout


def test_a_mistake_of_one_vendor_does_not_stop_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each vendor's night reads its own part of the configuration."""
    _set(monkeypatch, {**INFRASCALE, "REDSTOR_BASE_URL": "http://redstor.example.com"})
    assert load_settings(tmp_path, only=["infrascale"]).connections["infrascale"]


def test_real_vendors_are_refused_on_a_home_that_the_sandbox_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made-up and real figures never meet in one warehouse."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / MADE_UP).touch()
    _set(monkeypatch, INFRASCALE)
    (line,) = _mistakes(tmp_path)
    assert "made-up figures" in line
    monkeypatch.setenv("INFRASCALE_BASE_URL", "http://127.0.0.1:8700/WebApi/AccountManagementService")
    assert load_settings(tmp_path).connections["infrascale"]


def test_the_reference_is_a_directory_or_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named by one variable; without it, `reference/` in the data directory while there is one."""
    assert load_settings(tmp_path).reference is None
    (tmp_path / "data" / "reference").mkdir(parents=True)
    assert load_settings(tmp_path).reference == tmp_path / "data" / "reference"
    (tmp_path / "prices").mkdir()
    monkeypatch.setenv("BACKUP_BILLING_REFERENCE", "prices")
    assert load_settings(tmp_path).reference == tmp_path / "prices"
    monkeypatch.setenv("BACKUP_BILLING_REFERENCE", "sqlite:///prices.sqlite")
    assert str(load_settings(tmp_path).reference) == f"sqlite:///{tmp_path}/prices.sqlite"


def test_a_reference_database_is_configured_without_its_password_showing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither when it is right nor when it is mistyped."""
    monkeypatch.setenv("BACKUP_BILLING_REFERENCE", "postgresql+psycopg2://me:hunter22@db.example/billing")
    settings = load_settings(tmp_path)
    assert str(settings.reference) == "postgresql+psycopg2://db.example/billing"
    assert "hunter22" not in repr(settings)
    for mistyped in (
        "postgresql://me:hunter22@db:port/billing",
        "postgresql//me:hunter22@db.example/billing",
    ):
        monkeypatch.setenv("BACKUP_BILLING_REFERENCE", mistyped)
        (mistake,) = _mistakes(tmp_path)
        assert mistake.startswith("BACKUP_BILLING_REFERENCE is no SQLAlchemy URL, as postgresql+psycopg2://")
        assert "hunter22" not in mistake


def test_a_reference_that_is_not_there_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong path is not an empty reference."""
    monkeypatch.setenv("BACKUP_BILLING_REFERENCE", "nowhere")
    assert _mistakes(tmp_path) == ("BACKUP_BILLING_REFERENCE is 'nowhere', which is no directory",)


def test_two_connections_of_a_vendor_need_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one name only the first would ever be pulled."""
    _set(monkeypatch, INFRASCALE)
    table = '[[connection]]\nvendor = "infrascale"\nname = "emea"\nenv_prefix = "INFRASCALE"\n'
    (tmp_path / "billing.toml").write_text(table * 2)
    assert _mistakes(tmp_path) == (
        "billing.toml: connection 2: infrascale has a connection 'emea' already; name each its own",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('time_zone = "Europe"', "billing.toml: time_zone is 'Europe', not an IANA time zone"),
        ("connection = 3", "billing.toml: each connection is a table of its own under [[connection]]"),
        (
            '[connection]\nvendor = "redstor"',
            "billing.toml: each connection is a table of its own under [[connection]]",
        ),
        ("[[connection]]\nvendor = []", "billing.toml: connection 1: vendor must be one of "),
    ],
)
def test_a_setting_of_another_shape_is_a_mistake(tmp_path: Path, text: str, says: str) -> None:
    """In a line, whatever TOML allows."""
    (tmp_path / "billing.toml").write_text(text)
    (line,) = _mistakes(tmp_path)
    assert line.startswith(says)
