package io.registry.testkit;

import java.util.List;

/** A bucket on a server of the test's own, and how to run a registry on it. */
public interface Bucket extends AutoCloseable {

  /** The command line that makes a registry keep its store there, under {@code /registry}. */
  List<String> arguments();

  /** Puts an object there as somebody else would. */
  void put(String object, byte[] bytes);

  /** What an object holds. */
  byte[] bytes(String object);

  /** The names of all objects. */
  List<String> objects();

  /** How often the server was asked since the last call, but for what keeps the cache. */
  int calls();

  /** How often the registry asks the store to have an object copied. */
  int callsOfACopy();

  /** From now on the server answers nobody. */
  void fail();

  /** From now on it works again. */
  void heal();

  /** Where the bytes come from when a client follows a link. */
  String endpoint();

  @Override
  void close() throws Exception;
}
