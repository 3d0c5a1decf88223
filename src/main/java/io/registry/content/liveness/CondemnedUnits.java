package io.registry.content.liveness;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The units that a collection has condemned, by name, each with the condemned units that it needs.
 * Takes 24 bytes of memory for a unit and 4 for each that it needs.
 */
public final class CondemnedUnits {
  /** Nothing is condemned. */
  public static final CondemnedUnits NONE = new CondemnedUnits(List.of());

  private static final int DIGITS = 32;

  private final long[] high;
  private final long[] low;
  private final int[][] needs;

  /**
   * A unit that is condemned.
   *
   * @param name its name
   * @param needs the names of the units that it needs
   */
  public record Unit(String name, List<String> needs) {
    /** Copies the list. */
    public Unit {
      needs = List.copyOf(needs);
    }
  }

  /**
   * Condemns units.
   *
   * @param units each once; what they need may be missing, as it is not condemned then
   */
  public CondemnedUnits(List<Unit> units) {
    List<Unit> sorted = units.stream().sorted(Comparator.comparing(Unit::name)).toList();
    high = sorted.stream().mapToLong(unit -> half(unit.name(), 0)).toArray();
    low = sorted.stream().mapToLong(unit -> half(unit.name(), Long.BYTES)).toArray();
    needs = new int[sorted.size()][];
    int[] none = new int[0];
    for (int i = 0; i < needs.length; i++) {
      int[] found =
          sorted.get(i).needs().stream().mapToInt(this::find).filter(index -> index >= 0).toArray();
      needs[i] = found.length == 0 ? none : found;
    }
  }

  private static byte[] bytes(String name) {
    return HexFormat.of().parseHex(name);
  }

  private static long half(String name, int from) {
    return ByteBuffer.wrap(bytes(name)).getLong(from);
  }

  private int find(String name) {
    long first = half(name, 0);
    long second = half(name, Long.BYTES);
    int from = 0;
    int to = high.length - 1;
    while (from <= to) {
      int middle = (from + to) >>> 1;
      int order = Long.compareUnsigned(high[middle], first);
      order = order == 0 ? Long.compareUnsigned(low[middle], second) : order;
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        from = middle + 1;
      } else {
        to = middle - 1;
      }
    }
    return -1;
  }

  /** How many units are condemned. */
  public int size() {
    return high.length;
  }

  /** Whether a unit is condemned. */
  public boolean contains(String name) {
    return find(name) >= 0;
  }

  /** The names of the condemned units that a condemned unit needs. */
  public List<String> needs(String name) {
    return IntStream.of(needs[find(name)]).mapToObj(this::name).toList();
  }

  /** The names of all. */
  public List<String> names() {
    return IntStream.range(0, size()).mapToObj(this::name).toList();
  }

  private String name(int index) {
    return HexFormat.of()
        .formatHex(
            ByteBuffer.allocate(DIGITS / 2).putLong(high[index]).putLong(low[index]).array());
  }

  /** As text, a line for each unit: its name, and the names of what it needs. */
  byte[] render() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < size(); i++) {
      text.append(name(i));
      for (int need : needs[i]) {
        text.append(' ').append(name(need));
      }
      text.append('\n');
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads what {@link #render} has made. */
  static CondemnedUnits parse(byte[] text) {
    List<Unit> units = new ArrayList<>();
    new String(text, StandardCharsets.US_ASCII)
        .lines()
        .map(line -> List.of(line.split(" ", -1)))
        .forEach(names -> units.add(new Unit(names.get(0), names.subList(1, names.size()))));
    return new CondemnedUnits(units);
  }
}
