"""Encrypted deliveries: what goes in comes out, and nothing else ever does."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import resource
import signal
import threading
import tracemalloc
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zorgspiegel.store import blob_format, blob_keys, blobs, durable
from zorgspiegel.store.blob_format import PIECE
from zorgspiegel.store.blob_keys import PrivateKey, PublicKey
from zorgspiegel.terms.errors import BlobError, SettingError, StoreFullError

ID = "delivery-1"


@pytest.fixture(scope="module")
def private() -> PrivateKey:
    return PrivateKey(bytes(range(32)))


@pytest.fixture
def public(private: PrivateKey) -> PublicKey:
    return private.public


def put(
    folder: Path, public: PublicKey, content: bytes, *, blob_id: str = ID, step: int = 300_000
) -> blobs.Stored:
    with blobs.begin(folder, blob_id, public) as writer:
        for start in range(0, len(content), step):
            writer.add(content[start : start + step])
        return writer.finish()


def get(folder: Path, private: PrivateKey, blob_id: str = ID) -> bytes:
    return b"".join(blobs.read(folder, blob_id, private))


SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 2 * PIECE + 12345]


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out(tmp_path, private, public, size):
    content = random.Random(size).randbytes(size)
    stored = put(tmp_path, public, content)
    assert (stored.blob_id, stored.sha256, stored.size_bytes) == (
        ID,
        hashlib.sha256(content).hexdigest(),
        size,
    )
    assert get(tmp_path, private) == content
    assert blobs.measure(tmp_path, ID, private) == stored
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".blob", ".key"]


def test_nothing_readable_ever_stands_on_the_disk(tmp_path, public):
    canary = b"canary of a person;" * 9
    with blobs.begin(tmp_path, ID, public) as writer:
        writer.add(canary * 10_000)
        writer.flush()
        during = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        secret = writer.secret
        writer.finish()
    after = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert canary[:19] not in during + after
    assert secret not in during + after


def test_two_deliveries_share_no_key_and_no_bytes(tmp_path, public):
    for blob_id in ("a", "b"):
        put(tmp_path, public, b"the same content", blob_id=blob_id)
    assert (tmp_path / "a.blob").read_bytes()[-20:] != (tmp_path / "b.blob").read_bytes()[-20:]
    assert (tmp_path / "a.key").read_bytes() != (tmp_path / "b.key").read_bytes()


def test_only_the_right_private_key_reads_it(tmp_path, public):
    put(tmp_path, public, b"content")
    with pytest.raises(BlobError, match="was locked for key"):
        get(tmp_path, PrivateKey(bytes(32)))


@pytest.mark.parametrize("size", [0, 100, 2 * PIECE + 5])
def test_a_file_that_was_cut_off_anywhere_is_refused(tmp_path, private, public, size):
    put(tmp_path, public, os.urandom(size))
    whole = (tmp_path / f"{ID}.blob").read_bytes()
    random_places = random.Random(1).sample(range(len(whole)), k=min(60, len(whole)))
    piece_ends = [len(blob_format.MAGIC) + n * (PIECE + 32) for n in range(3)]
    for place in {*random_places, *(end for end in piece_ends if end < len(whole)), len(whole) - 1}:
        (tmp_path / f"{ID}.blob").write_bytes(whole[:place])
        with pytest.raises(BlobError, match="is not what was received"):
            get(tmp_path, private)


def test_a_changed_bit_anywhere_is_refused(tmp_path, private, public):
    put(tmp_path, public, os.urandom(PIECE + 1000))
    whole = (tmp_path / f"{ID}.blob").read_bytes()
    chance = random.Random(2)
    places = [*range(len(blob_format.MAGIC) + 40), *(chance.randrange(len(whole)) for _ in range(100))]
    for place in places:
        broken = bytearray(whole)
        broken[place] ^= 1 << chance.randrange(8)
        (tmp_path / f"{ID}.blob").write_bytes(broken)
        with pytest.raises(BlobError, match="is not what was received"):
            get(tmp_path, private)


def pieces_of(path: Path) -> list[bytes]:
    """The pieces of a blob as they stand on the disk."""
    data, found = path.read_bytes()[len(blob_format.MAGIC) :], []
    while data:
        length = 16 + int.from_bytes(data[:4], "big")
        found.append(data[:length])
        data = data[length:]
    return found


@pytest.mark.parametrize(
    "change",
    [
        lambda p: [p[1], p[0], *p[2:]],
        lambda p: [p[0], p[0], *p[2:]],
        lambda p: [p[0], *p[2:]],
        lambda p: p[:-1],
        lambda p: [*p, p[-1]],
        lambda p: [*p, p[0]],
        lambda p: [p[-1]],
    ],
    ids=["swapped", "repeated", "left out", "cut at a piece", "end twice", "lengthened", "only the end"],
)
def test_pieces_have_one_order(tmp_path, private, public, change):
    put(tmp_path, public, os.urandom(3 * PIECE))
    path = tmp_path / f"{ID}.blob"
    path.write_bytes(blob_format.MAGIC + b"".join(change(pieces_of(path))))
    with pytest.raises(BlobError, match="is not what was received"):
        get(tmp_path, private)


def test_without_the_number_in_each_piece_swapping_would_go_unseen(tmp_path, private, public, monkeypatch):
    monkeypatch.setattr(blob_format, "_context", lambda blob_id, number, *, is_last: bytes([is_last]))
    content = os.urandom(3 * PIECE)
    put(tmp_path, public, content)
    path = tmp_path / f"{ID}.blob"
    first, second, *rest = pieces_of(path)
    path.write_bytes(blob_format.MAGIC + b"".join([second, first, *rest]))
    assert get(tmp_path, private) not in {content, b""}


def test_content_of_another_delivery_under_this_name_is_refused(tmp_path, private, public):
    for blob_id in ("a", "b"):
        put(tmp_path, public, blob_id.encode() * 100, blob_id=blob_id)
    (tmp_path / "a.blob").write_bytes((tmp_path / "b.blob").read_bytes())
    with pytest.raises(BlobError, match="is not what was received"):
        get(tmp_path, private, "a")
    (tmp_path / "a.key").write_bytes((tmp_path / "b.key").read_bytes())
    with pytest.raises(BlobError, match="damaged or belongs to another delivery"):
        get(tmp_path, private, "a")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"recipient": "x", "locked": "%%"}'])
def test_a_damaged_key_file_is_said_so(tmp_path, private, public, content):
    put(tmp_path, public, b"content")
    (tmp_path / f"{ID}.key").write_bytes(content)
    with pytest.raises(BlobError, match="key file of delivery-1 is damaged"):
        get(tmp_path, private)


def test_an_upload_broken_at_any_byte_goes_on_from_what_is_durable(tmp_path, private, public):
    content = random.Random(3).randbytes(PIECE + 70_000)
    with blobs.begin(tmp_path, ID, public) as writer:
        writer.add(content[:50_000])
        assert writer.flush() == 50_000
        writer.add(content[50_000 : PIECE + 60_000])
        secret = writer.secret
        writer.flush()
    part = tmp_path / f"{ID}.part"
    broken = part.read_bytes()
    chance = random.Random(4)
    for cut in {
        0,
        5,
        len(blob_format.MAGIC),
        len(broken),
        *(chance.randrange(len(broken)) for _ in range(40)),
    }:
        part.write_bytes(broken[:cut])
        with blobs.resume(tmp_path, ID, secret) as writer:
            offset = writer.size_bytes
            assert offset in {0, 50_000, PIECE + 50_000, PIECE + 60_000}
            writer.add(content[offset:])
            stored = writer.finish()
        assert stored.sha256 == hashlib.sha256(content).hexdigest()
        assert get(tmp_path, private) == content
        (tmp_path / f"{ID}.blob").rename(part)


def test_a_piece_that_is_sent_again_never_has_the_same_nonce(tmp_path, public):
    content = os.urandom(1000)
    with blobs.begin(tmp_path, ID, public) as writer:
        secret = writer.secret
        writer.add(content)
        writer.flush()
    part, nonces = tmp_path / f"{ID}.part", set()
    begin = len(blob_format.MAGIC) + 4
    for _ in range(20):
        nonces.add(part.read_bytes()[begin : begin + 12])
        part.write_bytes(part.read_bytes()[:-1])
        with blobs.resume(tmp_path, ID, secret) as writer:
            writer.add(content)
            writer.flush()
    assert len(nonces) == 20


def test_who_died_before_telling_can_ask_what_was_finished(tmp_path, public):
    with blobs.begin(tmp_path, ID, public) as writer:
        writer.add(b"content" * 1000)
        assert blobs.finished(tmp_path, ID, writer.secret) is None
        stored = writer.finish()
        assert blobs.finished(tmp_path, ID, writer.secret) == stored


def test_an_id_is_used_once(tmp_path, public):
    with blobs.begin(tmp_path, ID, public), pytest.raises(BlobError, match="is under way"):
        blobs.begin(tmp_path, ID, public)
    blobs.discard(tmp_path, ID)
    assert list(tmp_path.iterdir()) == []
    put(tmp_path, public, b"content")
    with pytest.raises(BlobError, match="was used before"):
        blobs.begin(tmp_path, ID, public)
    with pytest.raises(BlobError, match="is finished"):
        blobs.discard(tmp_path, ID)
    with pytest.raises(AssertionError, match="small letters"):
        blobs.begin(tmp_path, "../elsewhere", public)


def test_one_writer_at_a_time(tmp_path, public):
    with blobs.begin(tmp_path, ID, public) as writer:
        with pytest.raises(BlobError, match="Another request"):
            blobs.resume(tmp_path, ID, writer.secret)
        with pytest.raises(BlobError, match="Another request"):
            blobs.discard(tmp_path, ID)
    with pytest.raises(BlobError, match="no unfinished upload"):
        blobs.resume(tmp_path, "other", bytes(32))


def test_of_many_that_begin_at_once_one_wins_and_its_key_stays(tmp_path, private, public):
    writers, barrier = [], threading.Barrier(8)

    def race() -> None:
        barrier.wait()
        with contextlib.suppress(BlobError):
            writers.append(blobs.begin(tmp_path, ID, public))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (writer,) = writers
    with writer:
        writer.add(b"the winner's content")
        writer.finish()
    assert get(tmp_path, private) == b"the winner's content"


def test_many_deliveries_at_once_do_not_mix(tmp_path, private, public):
    def deliver(number: int) -> None:
        put(tmp_path, public, bytes([number]) * (PIECE + number), blob_id=f"d-{number}", step=100_000)

    threads = [threading.Thread(target=deliver, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(6):
        assert get(tmp_path, private, f"d-{number}") == bytes([number]) * (PIECE + number)


def test_memory_does_not_grow_with_the_file(tmp_path, private, public):
    piece = os.urandom(PIECE)
    tracemalloc.start()
    try:
        with blobs.begin(tmp_path, ID, public) as writer:
            for _ in range(48):
                writer.add(piece)
            writer.finish()
        assert sum(len(part) for part in blobs.read(tmp_path, ID, private)) == 48 * PIECE
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * PIECE


def in_child(act) -> int:
    """Run `act` in a process of its own, for limits that could not be taken back; its exit code."""
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        except BaseException:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def limit_files_to(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_on_a_full_disk_what_was_acknowledged_stays_and_the_rest_can_come_later(tmp_path, private, public):
    content = random.Random(5).randbytes(3 * PIECE)
    (tmp_path / "deliveries").mkdir()
    folder = tmp_path / "deliveries"

    def fill() -> None:
        limit_files_to(2 * PIECE)
        writer = blobs.begin(folder, ID, public)
        (tmp_path / "secret").write_bytes(writer.secret)
        writer.add(content[:PIECE])
        assert writer.flush() == PIECE
        with pytest.raises(StoreFullError, match="no room to write"):
            writer.add(content[PIECE:])
            writer.finish()

    assert in_child(fill) == 0
    with blobs.resume(folder, ID, (tmp_path / "secret").read_bytes()) as writer:
        assert writer.size_bytes == PIECE
        writer.add(content[PIECE:])
        writer.finish()
    assert get(folder, private) == content


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_full_disk_leaves_the_old_file_and_no_half_one(tmp_path):
    path = tmp_path / "pointer"
    durable.write(path, b"old")

    def fill() -> None:
        limit_files_to(100)
        with pytest.raises(StoreFullError):
            durable.write(path, bytes(1000))

    assert in_child(fill) == 0
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_dead_process_left_half_written_is_swept_and_a_living_one_is_left_alone(tmp_path):
    dead = os.fork()
    if dead == 0:
        os._exit(0)
    os.waitpid(dead, 0)
    half = {who: tmp_path / f"{durable.TEMPORARY}{who}-aa-x" for who in whose(dead)}
    for path in half.values():
        path.write_bytes(b"half")
    os.utime(half["1@elsewhere-old"], (0, 0))
    assert durable.sweep(tmp_path) == 2
    assert sorted(tmp_path.iterdir()) == sorted([half[f"{os.getpid()}@{durable._HOST}"], half["1@elsewhere"]])


def whose(dead: int) -> tuple[str, ...]:
    """A process here that is gone, one that lives, and two on another machine."""
    here = durable._HOST
    return (f"{dead}@{here}", f"{os.getpid()}@{here}", "1@elsewhere", "1@elsewhere-old")


def test_a_private_key_that_others_can_read_is_refused(tmp_path):
    private_file, public_file = tmp_path / "quarantine.key", tmp_path / "quarantine.pub"
    made = blob_keys.make_pair(private_file, public_file)
    assert blob_keys.make_pair(private_file, public_file) == made, "an existing key is kept"
    assert blob_keys.load_public(public_file) == made
    loaded = blob_keys.load_private(private_file)
    assert loaded.public == made
    assert loaded.raw.hex() not in repr(loaded) + str(loaded)
    private_file.chmod(0o440)
    with pytest.raises(SettingError, match="chmod 0400"):
        blob_keys.load_private(private_file)
    with pytest.raises(SettingError, match="no private key at"):
        blob_keys.load_private(tmp_path / "absent")
    public_file.chmod(0o600)
    public_file.write_text("c2hvcnQ=")
    with pytest.raises(SettingError, match="32 bytes"):
        blob_keys.load_public(public_file)


def test_the_cipher_is_aes_256(public, tmp_path):
    with blobs.begin(tmp_path, ID, public) as writer:
        assert len(writer.secret) == 32
        assert isinstance(writer._cipher, AESGCM)


def test_of_many_workers_that_start_at_once_one_makes_the_key_pair(tmp_path):
    private_file, public_file = tmp_path / "deliveries.key", tmp_path / "deliveries.pub"
    made, barrier = [], threading.Barrier(8)

    def race() -> None:
        barrier.wait()
        made.append(blob_keys.make_pair(private_file, public_file))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(made) == {blob_keys.load_public(public_file)}
    assert blob_keys.load_private(private_file).public == made[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deliveries.key", "deliveries.pub"]


def test_what_stands_there_is_not_replaced_when_only_the_first_counts(tmp_path):
    durable.write(tmp_path / "x", b"first", only_first=True)
    with pytest.raises(FileExistsError):
        durable.write(tmp_path / "x", b"second", only_first=True)
    assert (tmp_path / "x").read_bytes() == b"first"
