"""Three hundred files that mean no good, each of which must be a table, images, or one sentence.

Run as a program (by `test_uploads`), so that the memory of a process of its own can be bounded: half are valid files
with some bytes changed, cut or repeated, half are built to claim more than they hold.
"""

import gzip
import io
import resource
import struct
import sys
import zipfile
import zlib

import numpy as np

from engine.datasets import DataError, from_columns, mnist
from engine.datasets.image_files import form_of, images_of
from pages.common.sidebar.table_choice import usual
from pages.common.sidebar.table_reader import read_table

ROOM = 400_000_000  #: bytes of addresses beyond what the libraries take
MARKS = b'",;\t|\n\r\0\xff\xfe\x00PK9'


def npy(header, body=b"", version=1):
    length = struct.pack("<H" if version == 1 else "<I", len(header) & (0xFFFF if version == 1 else 0xFFFFFFFF))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header + body


def archive(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return file.getvalue()


def header(shape, descr="'|u1'", order="False"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()


def good_npz():
    images = np.arange(6 * 3 * 4, dtype=np.uint8).reshape(6, 3, 4)
    file = io.BytesIO()
    np.savez_compressed(file, x_train=images, y_train=np.arange(6) % 3, x_test=images, y_test=np.arange(6) % 2)
    return file.getvalue()


def good_pixels():
    pixels = np.arange(6 * 256).reshape(6, 256) % 256
    return "".join(",".join(map(str, [i % 2, *row])) + "\n" for i, row in enumerate(pixels.tolist())).encode()


def good_tables():
    rows = [
        f"{i},{i * 0.37:.2f},2024-0{i % 9 + 1}-11,{'red' if i % 3 else 'none'},{'' if i % 5 else i}" for i in range(40)
    ]
    text = "id,size,when,colour,gap\n" + "\n".join(rows) + "\n"
    return [text.encode(), text.replace(",", ";").replace(".", ",").encode("cp1252"), text.encode("utf-16")]


def mutated(data, rng):
    """Some bytes changed, cut out, repeated or put in."""
    data = bytearray(data)
    for _ in range(rng.integers(1, 8)):
        at, many = int(rng.integers(len(data) or 1)), int(rng.integers(1, 40))
        match rng.integers(5):
            case 0:
                data[at : at + 1] = bytes([rng.integers(256)])
            case 1:
                del data[at : at + many]
            case 2:
                data[at:at] = data[at : at + many] * int(rng.integers(1, 50))
            case 3:
                data[at:at] = bytes([MARKS[rng.integers(len(MARKS))]]) * many
            case _:
                del data[max(at, 4) :]
    return bytes(data)


def claiming():
    """Files whose headers say what is not so, or that unpack to far more than they are."""
    rest = {"y_train.npy": npy(header("(6,)"), bytes(6)), "x_test.npy": npy(header("(6, 3, 4)"), bytes(72))}
    rest["y_test.npy"] = rest["y_train.npy"]
    huge = ["(100000, 28, 28)", "(3000000000,)", "(99999, 99999, 99999)", "(-1, 28, 28)", "()", "(0, 0, 0)", "(1.5,)"]
    huge += ["(" + "9" * 200 + ",)", "(" * 500 + ")" * 500, "(1" + ",1" * 200 + ")", "[6, 3, 4]", "(6, 3, 4", "None"]
    shapes = [npy(header(shape), bytes(72)) for shape in huge]
    types = ["'|O'", "'<f8'", "'<U99999999'", "'|V999999999'", "[('a', '<f8')]", "'|S2000000000'", "'b1'", "'|u9'", "0"]
    kinds = [npy(header("(6, 3, 4)", descr), bytes(72)) for descr in types]
    deep = [b"[" * 50_000, b"{'descr': " * 9000, b"(" * 65_000, b"", b"\xff" * 300, b"__import__('os').abort()"]
    heads = [npy(text, bytes(72), version) for text in deep for version in (1, 2, 3)]
    odd = [
        b"",
        b"\x93NUMPY",
        b"not an array",
        npy(header("(6, 3, 4)"), bytes(71)),
        npy(header("(6, 3, 4)"), bytes(9999)),
    ]
    pickled = b"\x80\x04c__builtin__\nexec\n(S'raise SystemExit(99)'\ntR."
    for member in (*shapes, *kinds, *heads, *odd, npy(header("(1,)", "'|O'"), pickled), pickled):
        yield archive({"x_train.npy": member} | rest)
        yield archive({"x_train": member} | rest, zipfile.ZIP_STORED)
    zeros = npy(header("(90000000, 1, 1)"), bytes(90_000_000))
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield archive({"x_train.npy": zeros} | rest, method)
    whole = archive({"x_train.npy": npy(header("(6, 3, 4)"), bytes(72))} | rest)
    for at in range(len(whole) - 60, len(whole), 7):  # the directory at the end
        yield whole[:at] + b"\xff\xff\xff\x7f" + whole[at + 4 :]
    yield zlib.compress(bytes(10_000_000))
    for unpacked in (
        bytes(90_000_000),
        b"0," * 20_000_000,
        (b"0," * 256 + b"0\n") * 100_000,
        b"0," * 256 + b"9" * 50_000_000,
    ):
        yield gzip.compress(unpacked, 1)
    for shape in (b"\0\0\x08\x03" + b"\xff" * 12, b"\0\0\x08\xff", b"\0\0\x0d\x01\0\0\0\0", b"\0\0\x08\x01" + bytes(4)):
        yield shape
        yield gzip.compress(shape)
    yield b"label," + b",".join(b"pixel%d" % i for i in range(256))
    yield b"0," * 256 + b"0\n" + b"\xff" * 3_000_000
    # 278 kB that once took 4.4 GB: a fixed width for every cell of a column with one long text
    yield b"x,y\n" + b"".join(b"%d,1\n" % i for i in range(20_000)) + b"z" * 60_000 + b",2\n"
    yield b"x,y\n" + b'"' + b"z" * 2_000_000 + b'",1\n' + b"5,2\n" * 2000
    yield b"," * 3_000_000
    yield b"a,b\n" * 50 + b"," * 3_000_000
    yield b'"' * 3_000_000
    yield b"a,b\n" + b"\n" * 3_000_000
    yield ("a," * 199 + "b\n" + ("x," * 199 + "y\n") * 9000).encode()
    yield b"a,b\n" + b"9" * 400_000 + b",1\n2,3\n"
    yield b"a,b\n" + b"1e308,1\n" * 3 + b"-1e308,2\n"
    yield b"=cmd|' /C calc'!A0,b\n1,2\n3,4\n"
    yield ("a b" * 100_000).encode()
    yield b"sep=\n1\n2\n"
    yield b"\xff\xfe" + b"\x00\xd8" * 5000
    yield "a,b\n\ud800,1\n".encode("utf-16", "surrogatepass")
    yield b"a,b\n" + b"2024-13-45,1\n99999-01-01,2\n" * 20


def take(data):
    """As the app does: a data set, or `DataError`."""
    if form_of(data):
        arrays = mnist.thinned(images_of([("own", data)])[0])
        images, labels, *held = (arrays.get(name) for name in mnist.NPZ_NAMES)
        return mnist.dataset(images, labels, held=None if held[0] is None else tuple(held), samples=100)
    table = read_table(data)
    choice = usual(table.columns)
    for column in table.columns:
        for kind in ("number", "date", "category"):
            column.examples(kind)
        assert column.stray is None or column.kind == "category"
    return from_columns(choice.columns(table.columns), table.columns[choice.target].name, missing="fill")


def main():
    rng = np.random.default_rng(0)
    good = [good_npz(), *good_tables(), good_pixels()]
    files = [mutated(good[i % 5], rng) for i in range(250)] + list(claiming())
    for data in good:
        take(data)
    with open("/proc/self/statm") as sizes:
        taken = int(sizes.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, taken + ROOM))
    kept = 0
    for number, data in enumerate(files):
        try:
            take(data)
            kept += 1
        except DataError as problem:
            sentence = str(problem)
            if not sentence.endswith(".") or "\n" in sentence or len(sentence) > 400:
                sys.exit(f"file {number} ({data[:60]!r}): no single sentence: {sentence[:500]!r}")
        except BaseException as problem:  # noqa: BLE001 - that there is none is what is tested
            sys.exit(f"file {number} ({data[:60]!r}): {type(problem).__name__}: {problem}")
    sys.stdout.write(f"{len(files)} {kept}")


if __name__ == "__main__":
    main()
