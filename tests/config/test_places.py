"""Where a configuration is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.config import ConfigurationError, find


@pytest.fixture
def usual(tmp_path: Path) -> tuple[Path, Path]:
    """The two usual places, in an empty folder."""
    return tmp_path / "here.toml", tmp_path / "etc.toml"


def test_the_argument_comes_first(tmp_path: Path, usual: tuple[Path, Path]) -> None:
    """-c wins over the environment."""
    (tmp_path / "a.toml").touch()
    (tmp_path / "b.toml").touch()
    assert find(tmp_path / "a.toml", {"SYNCD_CONFIG": str(tmp_path / "b.toml")}, usual) == tmp_path / "a.toml"


def test_the_environment_comes_before_the_usual_places(tmp_path: Path, usual: tuple[Path, Path]) -> None:
    """$SYNCD_CONFIG wins over ./syncd.toml."""
    (tmp_path / "b.toml").touch()
    usual[0].touch()
    assert find(None, {"SYNCD_CONFIG": str(tmp_path / "b.toml")}, usual) == tmp_path / "b.toml"


@pytest.mark.parametrize("there", [(0,), (1,), (0, 1)])
def test_the_first_usual_place_that_has_one_counts(usual: tuple[Path, Path], there: tuple[int, ...]) -> None:
    """An empty $SYNCD_CONFIG counts as none."""
    for place in there:
        usual[place].touch()
    assert find(None, {"SYNCD_CONFIG": ""}, usual) == usual[there[0]]


def test_a_named_file_is_not_replaced_by_another(tmp_path: Path, usual: tuple[Path, Path]) -> None:
    """A slip in -c or $SYNCD_CONFIG does not start syncd on other vendors."""
    usual[0].touch()
    with pytest.raises(ConfigurationError, match=r"slip\.toml: no such file \(named by -c\)"):
        find("slip.toml", {}, usual)
    with pytest.raises(ConfigurationError, match=r"named by \$SYNCD_CONFIG"):
        find(None, {"SYNCD_CONFIG": str(tmp_path / "slip.toml")}, usual)


def test_where_there_is_none_all_places_are_listed(usual: tuple[Path, Path]) -> None:
    """The operator reads what was looked for, and how to write one."""
    with pytest.raises(ConfigurationError) as caught:
        find(None, {}, usual)
    for words in ("$SYNCD_CONFIG", str(usual[0]), str(usual[1]), "-c FILE", "syncd init"):
        assert words in str(caught.value)
