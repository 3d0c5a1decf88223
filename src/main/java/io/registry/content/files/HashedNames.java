package io.registry.content.files;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Maps names to a few bits of data, in 13 bytes a name: stores hashes only, salted anew for each
 * table, so that an attacker cannot construct names that collide.
 */
final class HashedNames {
  private static final int FIRST_CAPACITY = 1024;
  private static final int SALT = 16;

  private final MessageDigest digest = DigestUtils.getSha256Digest();
  private final byte[] salt = new byte[SALT];

  /** A hash table with open addressing; 0 marks an empty slot. */
  private long[] hashes = new long[FIRST_CAPACITY];

  private int[] numbers = new int[FIRST_CAPACITY];
  private byte[] marks = new byte[FIRST_CAPACITY];
  private int size;

  HashedNames() {
    new SecureRandom().nextBytes(salt);
  }

  /**
   * Adds a name, or replaces its data.
   *
   * @param name the name
   * @param number any number
   * @param mark any mark
   */
  void put(String name, int number, byte mark) {
    if (size * 3L >= hashes.length * 2L) {
      grow();
    }
    long hash = hash(name);
    int place = place(hashes, hash);
    size += hashes[place] == 0 ? 1 : 0;
    hashes[place] = hash;
    numbers[place] = number;
    marks[place] = mark;
  }

  /** The slot of a name; -1 when it is not in the table. Valid until the next name is added. */
  int find(String name) {
    int place = place(hashes, hash(name));
    return hashes[place] == 0 ? -1 : place;
  }

  int number(int place) {
    return numbers[place];
  }

  byte mark(int place) {
    return marks[place];
  }

  void mark(int place, byte mark) {
    marks[place] = mark;
  }

  /** Whether any name has that mark. */
  boolean hasMark(byte mark) {
    for (int i = 0; i < hashes.length; i++) {
      if (hashes[i] != 0 && marks[i] == mark) {
        return true;
      }
    }
    return false;
  }

  /** Replaces the marks of all names. */
  void replaceMarks(MarkChange change) {
    for (int i = 0; i < hashes.length; i++) {
      if (hashes[i] != 0) {
        marks[i] = change.of(marks[i]);
      }
    }
  }

  /** A function from mark to mark. */
  @FunctionalInterface
  interface MarkChange {
    /** The new mark. */
    byte of(byte mark);
  }

  private void grow() {
    long[] oldHashes = hashes;
    int[] oldNumbers = numbers;
    byte[] oldMarks = marks;
    hashes = new long[oldHashes.length * 2];
    numbers = new int[oldHashes.length * 2];
    marks = new byte[oldHashes.length * 2];
    for (int i = 0; i < oldHashes.length; i++) {
      if (oldHashes[i] != 0) {
        int place = place(hashes, oldHashes[i]);
        hashes[place] = oldHashes[i];
        numbers[place] = oldNumbers[i];
        marks[place] = oldMarks[i];
      }
    }
  }

  private static int place(long[] hashes, long hash) {
    int place = ((int) (hash >>> 32)) & (hashes.length - 1);
    while (hashes[place] != 0 && hashes[place] != hash) {
      place = (place + 1) & (hashes.length - 1);
    }
    return place;
  }

  private long hash(String name) {
    digest.update(salt);
    byte[] sum = digest.digest(name.getBytes(StandardCharsets.UTF_8));
    long hash = ByteBuffer.wrap(Arrays.copyOf(sum, Long.BYTES)).getLong();
    return hash == 0 ? 1 : hash;
  }
}
