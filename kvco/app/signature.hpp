// The parameter types and the result of a function, a function object or a lambda that is no template.
#pragma once

#include <type_traits>

namespace kvco::handling {

template <class... Ts>
struct type_list {
  static constexpr auto size = sizeof...(Ts);
};

template <class Result, class... Parameters>
struct known_signature {
  static constexpr bool is_known = true;
  using result = Result;
  using parameters = type_list<Parameters...>;
};

/// Not known: of a template, or of several overloads.
template <class Function>
struct signature_of {
  static constexpr bool is_known = false;
};
template <class R, class... P>
struct signature_of<R(P...)> : known_signature<R, P...> {};
template <class R, class... P>
struct signature_of<R(P...) noexcept> : known_signature<R, P...> {};
template <class R, class... P>
struct signature_of<R (*)(P...)> : known_signature<R, P...> {};
template <class R, class... P>
struct signature_of<R (*)(P...) noexcept> : known_signature<R, P...> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...)> : known_signature<R, P...> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...) const> : known_signature<R, P...> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...) noexcept> : known_signature<R, P...> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...) const noexcept> : known_signature<R, P...> {};
template <class Function>
requires requires { &Function::operator(); }
struct signature_of<Function> : signature_of<decltype(&Function::operator())> {};

}  // namespace kvco::handling
