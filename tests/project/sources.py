"""The project's own files, as the tests of this folder read them."""

import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"

_GENERATED = {"__pycache__", "build", "dist", "htmlcov", "mutants"}


def pyproject() -> dict[str, Any]:
    """The content of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def project_files() -> list[Path]:
    """Every file that belongs to the project: what git tracks or would track; outside a repository, what is there."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]
    return [path for path in sorted(ROOT.rglob("*")) if path.is_file() and not _generated(path)]


def modules(*packages: str) -> list[Path]:
    """Every Python file below the given folders of the project."""
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def _generated(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    hidden = any(part.startswith(".") and part not in {".ci", ".github", ".gitignore"} for part in parts)
    return hidden or not _GENERATED.isdisjoint(parts)
