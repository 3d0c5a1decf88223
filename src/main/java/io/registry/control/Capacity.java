package io.registry.control;

/** How much is done at the same time, which an operator may raise and lower (TTIN and TTOU). */
public interface Capacity {

  /** One step more. Returns what holds from now on. */
  String raise();

  /** One step less, but never nothing. Returns what holds from now on. */
  String lower();
}
