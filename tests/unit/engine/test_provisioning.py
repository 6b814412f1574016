"""Set-up takes only the published files, converts them, compares, and puts a whole model in place or none."""

import errno
import fcntl
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from diary.engine.models import Manifest, find_models, read_model
from diary.errors import DiskFull, ModelDamaged, ModelMissing, StorageFailed
from diary.provisioning.embedder import LEAST_COSINE, check, least_cosine
from diary.provisioning.installing import alone, described, install, is_installed, unfinished
from diary.provisioning.sample_sentences import SAMPLE_SENTENCES
from diary.provisioning.sources import MINILM, SMOLLM2, SourcePackage, checked_folder
from diary.settings import installed_models
from tests.tiny_gguf import Tiny, write_tiny

SOURCE, RECIPE = "package 1.0", "as it came, 1"
ROOT = Path(__file__).parents[3]


def put(models: Path, content: bytes = b"weights") -> Path:
    """Install a model of one file."""
    with unfinished(models / "toy") as folder:
        (folder / "model.bin").write_bytes(content)
        manifest = Manifest(
            kind="embedder", name="toy", source=SOURCE, recipe=f"{RECIPE}: well", files=described(folder)
        )
        install(folder, models / "toy", manifest)
    return models / "toy"


def needs(package: SourcePackage) -> None:
    try:
        checked_folder(package)
    except ModelMissing:
        pytest.skip(f"the package {package.title} is not installed here")


def provision(models: Path, after: str = "") -> subprocess.CompletedProcess[str]:
    """Set-up in a process of its own, which it seals."""
    script = (
        f"import sys; from diary.provision import main; status = main(['--models', {str(models)!r}])\n{after}"
    )
    return subprocess.run(
        [sys.executable, "-c", f"{script}\nsys.exit(status)"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )


@pytest.mark.parametrize("package", [MINILM, SMOLLM2], ids=lambda package: package.distribution)
def test_every_file_of_a_package_is_the_published_one(package: SourcePackage) -> None:
    needs(package)
    for name in package.files:
        other = replace(package, files={**package.files, name: "0" * 64})
        with pytest.raises(ModelDamaged) as refused:
            checked_folder(other)
        assert name in refused.value.message
        assert package.distribution in refused.value.hint


def test_a_package_that_is_not_there_is_named() -> None:
    with pytest.raises(ModelMissing) as refused:
        checked_folder(replace(SMOLLM2, distribution="no-such-distribution"))
    assert "no-such-distribution" in refused.value.message
    needs(SMOLLM2)
    with pytest.raises(ModelMissing):
        checked_folder(replace(SMOLLM2, files={"not-there.gguf": "0" * 64}))


def test_a_model_is_installed_only_when_every_byte_and_the_recipe_agree(tmp_path: Path) -> None:
    folder = put(tmp_path)
    assert is_installed(folder, source=SOURCE, recipe=RECIPE)
    assert not is_installed(folder, source="package 1.1", recipe=RECIPE)
    assert not is_installed(folder, source=SOURCE, recipe="as it came, 2")
    (folder / "model.bin").write_bytes(b"weightz")
    assert not is_installed(folder, source=SOURCE, recipe=RECIPE)
    assert not is_installed(tmp_path / "none", source=SOURCE, recipe=RECIPE)


def test_installing_again_replaces_the_whole_folder(tmp_path: Path) -> None:
    folder = put(tmp_path)
    (folder / "left over").write_bytes(b"x")
    put(tmp_path, b"other weights")
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "model.bin"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["toy"]
    read_model(folder).verify()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
        (OSError(errno.EIO, "Input/output error"), StorageFailed),
        (ModelDamaged("no"), ModelDamaged),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_set_up_that_fails_leaves_what_was_there(
    tmp_path: Path, fault: BaseException, error: type[BaseException]
) -> None:
    folder = put(tmp_path)
    with pytest.raises(error), unfinished(folder) as temporary:
        (temporary / "model.bin").write_bytes(b"half")
        raise fault
    assert [path.name for path in tmp_path.iterdir()] == ["toy"]
    assert is_installed(folder, source=SOURCE, recipe=RECIPE)


def test_what_a_killed_set_up_left_is_no_model_and_is_removed(tmp_path: Path) -> None:
    folder = put(tmp_path)
    folder.rename(tmp_path / ".unfinished-toy-12345")
    assert find_models([tmp_path], "embedder") == []
    put(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["toy"]


def test_two_set_ups_wait_for_each_other(tmp_path: Path) -> None:
    with alone(tmp_path), (tmp_path / ".lock").open("w") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (tmp_path / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("cosine", [LEAST_COSINE - 1e-6, 0.0, -1.0, float("nan")])
def test_a_conversion_that_moved_the_vectors_is_refused(cosine: float) -> None:
    with pytest.raises(ModelDamaged):
        check(cosine)
    check(LEAST_COSINE)


def test_the_least_cosine_is_that_of_the_worst_row() -> None:
    one = np.array([[1, 0], [0, 1]], np.float32)
    other = np.array([[1, 0], [0.8, 0.6]], np.float32)
    assert least_cosine(one, one) == pytest.approx(1)
    assert least_cosine(one, other) == pytest.approx(0.6)
    assert least_cosine(one, one[:1]) == -1
    assert least_cosine(one, one * np.float32("nan")) == -1


def test_the_comparison_has_sentences_enough() -> None:
    assert len(set(SAMPLE_SENTENCES)) >= 20


def test_requantising_gives_a_model_that_writes(tmp_path: Path) -> None:
    from diary.provisioning.language_model import convert

    write_tiny(tmp_path / "full.gguf", Tiny(says="helo"))
    convert(tmp_path / "full.gguf", tmp_path / "small.gguf")
    assert (tmp_path / "small.gguf").stat().st_size < (tmp_path / "full.gguf").stat().st_size


def test_requantising_refuses_what_is_no_model_or_writes_nothing(tmp_path: Path) -> None:
    from diary.provisioning.language_model import convert

    (tmp_path / "garbage.gguf").write_bytes(b"GGUF" + bytes(1000))
    write_tiny(tmp_path / "mute.gguf", Tiny(says="\n \t"))
    write_tiny(tmp_path / "unasked.gguf", Tiny(template=None))
    for name in ("garbage", "mute", "unasked", "missing"):
        with pytest.raises(ModelDamaged):
            convert(tmp_path / f"{name}.gguf", tmp_path / "out.gguf")


def test_a_second_run_imports_no_model_library() -> None:
    if not (installed_models() / "all-MiniLM-L6-v2").is_dir():
        pytest.skip("the embedded models are not set up here: run “make setup”")
    ran = provision(installed_models(), "assert not {'torch', 'llama_cpp', 'onnxruntime'} & set(sys.modules)")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("installed and unchanged") == 2


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    ran = provision(tmp_path / "file" / "models")
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "was not installed" in ran.stdout


@pytest.mark.slow
def test_set_up_from_nothing_makes_both_models(tmp_path: Path) -> None:
    needs(MINILM)
    needs(SMOLLM2)
    ran = provision(tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (embedder,) = find_models([tmp_path], "embedder")
    (language,) = find_models([tmp_path], "language")
    embedder.verify()
    language.verify()
    assert embedder.manifest.cosine >= LEAST_COSINE
    assert "Traceback" not in ran.stderr


def test_set_up_runs_behind_the_closed_network(tmp_path: Path) -> None:
    """What converts a model finds that no socket can be made; before set-up began, it could."""
    script = (
        "import socket, diary.provision as set_up\n"
        "def tries(models):\n"
        "    try: socket.socket().close()\n"
        "    except OSError as error: return print(type(error).__name__)\n"
        "    print('open')\n"
        "set_up.provision_embedder = set_up.provision_language_model = tries\n"
        "tries(None)\n"
        f"set_up.main(['--models', {str(tmp_path)!r}])\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.split()[:3] == ["open", "PermissionError", "PermissionError"]
