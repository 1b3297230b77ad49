// SPDX-License-Identifier: Apache-2.0
// The types that cross the border (bindings.cc), and no more. It stands in for Embind's
// own bind.cpp, which the linker then leaves in its library: that one registers thirty
// types, and every page would download the JavaScript for all of them.

#include <emscripten/bind.h>

#include <cstring>
#include <limits>
#include <string>

using emscripten::internal::InitFunc;
using emscripten::internal::TypeID;

namespace {

InitFunc* init_functions = nullptr;

template <typename T>
void RegisterInteger(const char* name) {
  emscripten::internal::_embind_register_integer(TypeID<T>::get(), name, sizeof(T),
                                                 std::numeric_limits<T>::min(),
                                                 std::numeric_limits<T>::max());
}

}  // namespace

// What Embind's header and its JavaScript call.
extern "C" {

void _embind_register_bindings(InitFunc* function) {
  function->next = init_functions;
  init_functions = function;
}

void _embind_initialize_bindings() {
  for (InitFunc* function = init_functions; function != nullptr; function = function->next) {
    function->init_func();
  }
}

// For messages about a type that is not registered; without RTTI there are no names.
const char* __getTypeName(const void*) { return strdup("a type not in embind_types.cc"); }
}

EMSCRIPTEN_BINDINGS(types) {
  using namespace emscripten::internal;

  _embind_register_void(TypeID<void>::get(), "void");
  _embind_register_bool(TypeID<bool>::get(), "bool", true, false);
  RegisterInteger<int>("int");
  RegisterInteger<unsigned int>("unsigned int");
  RegisterInteger<unsigned long>("unsigned long");  // size_t and uintptr_t
  _embind_register_float(TypeID<float>::get(), "float", sizeof(float));
  _embind_register_float(TypeID<double>::get(), "double", sizeof(double));
  _embind_register_std_string(TypeID<std::string>::get(), "std::string");
}
