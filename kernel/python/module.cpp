#include "python/convert.hpp"

namespace nl {
const char* isa();
}

PYBIND11_MODULE(native, m) {
  using namespace nl;
  static py::exception<Error> error(m, "KernelError");
  py::register_exception_translator([](std::exception_ptr p) {
    try {
      if (p) std::rethrow_exception(p);
    } catch (const Error& e) {
      py::object x = py::reinterpret_borrow<py::object>(error.ptr())(e.what);
      x.attr("kind") = e.kind;
      x.attr("what") = e.what;
      x.attr("value") = e.value;
      x.attr("allowed") = e.allowed;
      x.attr("todo") = e.todo;
      x.attr("wrong") = e.wrong;
      x.attr("candidates") = e.candidates;
      PyErr_SetObject(error.ptr(), x.ptr());
    }
  });
  m.attr("isa") = isa();
  m.attr("version") = NL_VERSION;
  bind_registry(m);
  bind_parameter(m);
  bind_connections(m);
  bind_growth_curves(m);
  bind_simulation(m);
}
