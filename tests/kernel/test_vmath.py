"""Elementary functions of the kernel (vmath.hpp) beside numbers with twice as many digits."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

INCLUDE = Path(__file__).parents[2] / "kernel" / "include"
FUNCTIONS = ("vexp", "vexp_any", "vlog", "x_over_expm1")


@pytest.fixture(scope="module")
def vmath(tmp_path_factory):
    """The functions, each over an array."""
    compiler = shutil.which("c++") or shutil.which("g++")
    if compiler is None:
        pytest.skip("no C++ compiler")
    folder = tmp_path_factory.mktemp("vmath")
    loops = "".join(
        f'extern "C" void {name}(const double* x, double* y, long n)'
        f"{{ for (long i = 0; i < n; ++i) y[i] = nl::{name}(x[i]); }}\n"
        for name in FUNCTIONS
    )
    (folder / "vmath.cpp").write_text("#include <nest_lab/vmath.hpp>\n" + loops)
    flags = ["-std=c++20", "-O2", "-ffp-contract=off", "-shared", "-fPIC", f"-I{INCLUDE}"]
    subprocess.run([compiler, *flags, folder / "vmath.cpp", "-o", folder / "vmath.so"], check=True)
    library = ctypes.CDLL(str(folder / "vmath.so"))

    def call(name, x):
        x = np.ascontiguousarray(x, float)
        y = np.empty_like(x)
        pointer = ctypes.POINTER(ctypes.c_double)
        getattr(library, name)(x.ctypes.data_as(pointer), y.ctypes.data_as(pointer), ctypes.c_long(x.size))
        return y

    return call


def worst(actual, expected):
    """Largest relative error."""
    return float(np.max(np.abs(actual - expected) / np.abs(expected)))


SPREAD = np.random.default_rng(1).uniform(-1, 1, 100_000)


@pytest.mark.parametrize("name", ["vexp", "vexp_any"])
@pytest.mark.parametrize("scale", [1e-9, 1.0, 30.0, 699.0])
def test_exponential(vmath, name, scale):
    x = SPREAD * scale
    assert worst(vmath(name, x), np.exp(x.astype(np.longdouble))) < 1e-13


def test_exponential_beyond_the_range_of_numbers(vmath):
    x = np.array([-1e300, -5000.0, -701.0, 701.0, 5000.0, 1e300])
    assert np.array_equal(vmath("vexp_any", x), vmath("vexp", np.clip(x, -700, 700)))
    assert np.isnan(vmath("vexp_any", [np.nan])).all()


def test_logarithm(vmath):
    x = np.exp(SPREAD * 600)
    exact = np.log(x.astype(np.longdouble))
    assert np.max(np.abs(vmath("vlog", x) - exact) / np.maximum(1, np.abs(exact))) < 1e-13


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 0.1, 1.0, 30.0, 690.0])
def test_x_over_expm1(vmath, scale):
    x = SPREAD * scale
    exact = x.astype(np.longdouble)
    assert worst(vmath("x_over_expm1", x), exact / np.expm1(exact)) < 1e-13


def test_x_over_expm1_at_zero(vmath):
    assert vmath("x_over_expm1", [0.0, -0.0]).tolist() == [1.0, 1.0]
