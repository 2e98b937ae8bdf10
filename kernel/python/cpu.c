// Which build of the kernel this CPU can run. Plain C without any -march, so that this file itself runs everywhere.

static const char* best(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  // Named feature by feature, because "x86-64-v3" as one name is known to newer compilers only.
  // The compiler's run-time library also asks whether the operating system saves the wide registers.
#define HAS __builtin_cpu_supports
  const int v2 = HAS("sse3") && HAS("ssse3") && HAS("sse4.1") && HAS("sse4.2") && HAS("popcnt");
  const int v3 = v2 && HAS("avx") && HAS("avx2") && HAS("bmi") && HAS("bmi2") && HAS("fma");
  const int v4 = v3 && HAS("avx512f") && HAS("avx512bw") && HAS("avx512cd") && HAS("avx512dq") && HAS("avx512vl");
#undef HAS
  return v4 ? "v4" : v3 ? "v3" : v2 ? "v2" : "v1";
#else
  return "generic";
#endif
}

#ifdef NEST_LAB_PROBE  // CMake asks at build time with this program
#include <stdio.h>

int main(void) { return fputs(best(), stdout) < 0; }

#else
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject* cpu_best(PyObject* self, PyObject* args) {
  (void)self, (void)args;
  return PyUnicode_FromString(best());
}

static PyMethodDef methods[] = {
    {"best", cpu_best, METH_NOARGS,
     "best()\n--\n\nThe newest instruction set level of this CPU: 'v1' to 'v4' of x86-64, 'generic' elsewhere."},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "cpu", "Finds the CPU's instruction set.", 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_cpu(void) { return PyModule_Create(&module); }
#endif
