package io.registry.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stands between a client and an HTTP server on this machine, and does to single requests what a
 * network or a tired server may do. One request a connection; without faults it changes nothing.
 */
public final class FaultProxy implements AutoCloseable {
  private static final Pattern LENGTH = Pattern.compile("(?im)^(content-length: *)([0-9]+)(\r?)$");

  private final int target;
  private final ServerSocket listener;
  private final ExecutorService threads;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final List<String> requests = new ArrayList<>();
  private final List<String> heads = new ArrayList<>();
  private final AtomicLong answered = new AtomicLong();
  private Plan plan = (number, request) -> Fault.none();

  /** A proxy to that port of 127.0.0.1. */
  public FaultProxy(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    this.threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "fault proxy");
              thread.setDaemon(true);
              return thread;
            });
    threads.execute(this::accept);
  }

  /** Decides what happens to a request. */
  public interface Plan {
    /**
     * The fault.
     *
     * @param number counted from 1 since the plan was made
     * @param request its first line without the protocol, as in {@code GET /bucket/key}
     */
    Fault fault(int number, String request);
  }

  /** What happens to a request. */
  public record Fault(Kind kind, long bytes, String answer) {
    /** Nothing. */
    public static Fault none() {
      return new Fault(Kind.NONE, 0, "");
    }

    /** The server does not get it; this status and body are the answer. */
    public static Fault status(int status, String body) {
      return new Fault(
          Kind.ANSWER,
          0,
          "HTTP/1.1 %d Fault\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
              .formatted(status, body.length(), body));
    }

    /** The server does not get it; this is the answer, from its first line on. */
    public static Fault answer(String text) {
      return new Fault(Kind.ANSWER, 0, text);
    }

    /** The connection is reset when so many bytes of its body have passed. */
    public static Fault resetInBody(long bytes) {
      return new Fault(Kind.RESET_IN_BODY, bytes, "");
    }

    /** A bit of its body is changed on the way. */
    public static Fault damageBody() {
      return new Fault(Kind.DAMAGE_BODY, 0, "");
    }

    /** The server does what it is asked, but the answer gets lost in a reset. */
    public static Fault loseAnswer() {
      return new Fault(Kind.LOSE_ANSWER, 0, "");
    }

    /** The connection is reset when so many bytes of the answer's body have passed. */
    public static Fault resetAnswer(long bytes) {
      return new Fault(Kind.RESET_ANSWER, bytes, "");
    }

    /** The connection is closed in good order when so many bytes of the answer have passed. */
    public static Fault truncateAnswer(long bytes) {
      return new Fault(Kind.TRUNCATE_ANSWER, bytes, "");
    }

    /** The answer claims to be so many bytes longer than it is, or shorter. */
    public static Fault wrongLength(long difference) {
      return new Fault(Kind.WRONG_LENGTH, difference, "");
    }

    /** Nobody answers, until the client gives up. */
    public static Fault silence() {
      return new Fault(Kind.SILENCE, 0, "");
    }
  }

  /** The kinds of faults. */
  public enum Kind {
    NONE,
    ANSWER,
    RESET_IN_BODY,
    DAMAGE_BODY,
    LOSE_ANSWER,
    RESET_ANSWER,
    TRUNCATE_ANSWER,
    WRONG_LENGTH,
    SILENCE
  }

  /** From now on this decides; requests are counted anew. */
  public synchronized void plan(Plan decision) {
    requests.clear();
    heads.clear();
    answered.set(0);
    plan = decision;
  }

  /** From now on this happens to the first requests that match, so many of them. */
  public void plan(int times, Predicate<String> matching, Fault fault) {
    CopyOnWriteArrayList<String> matched = new CopyOnWriteArrayList<>();
    plan(
        (number, request) -> {
          if (!matching.test(request)) {
            return Fault.none();
          }
          matched.add(request);
          return matched.size() <= times ? fault : Fault.none();
        });
  }

  /** From now on nothing is changed; requests are counted anew. */
  public void heal() {
    plan((number, request) -> Fault.none());
  }

  /** The requests since the plan was made, each as its method and path. */
  public synchronized List<String> requests() {
    return List.copyOf(requests);
  }

  /** The same requests, with their headers. */
  public synchronized List<String> heads() {
    return List.copyOf(heads);
  }

  /** How many bytes of answers have passed, without their heads. */
  public long answered() {
    return answered.get();
  }

  /** Whether no request is under way. */
  public boolean isIdle() {
    return sockets.isEmpty();
  }

  /** Where it listens. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        sockets.add(client);
        threads.execute(() -> serve(client));
      }
    } catch (IOException e) {
      // Closed: nobody comes any more.
      return;
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setTcpNoDelay(true);
      InputStream sent = new BufferedInputStream(client.getInputStream());
      Optional<String> head = readHead(sent);
      if (head.isPresent()) {
        pass(client, head.get(), sent);
      }
    } catch (IOException e) {
      // One of the two sides has gone, which is what this class is for.
      return;
    } finally {
      sockets.remove(client);
    }
  }

  private void pass(Socket client, String head, InputStream sent) throws IOException {
    String line = head.substring(0, head.indexOf(" HTTP/"));
    Fault fault;
    synchronized (this) {
      requests.add(line);
      heads.add(head);
      fault = plan.fault(requests.size(), line);
    }
    long length = length(head);
    if (head.toLowerCase(Locale.ROOT).contains("expect: 100-continue")) {
      client.getOutputStream().write(ascii("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    if (fault.kind() == Kind.RESET_IN_BODY) {
      sent.readNBytes((int) Math.min(length, fault.bytes()));
      reset(client);
      return;
    }
    byte[] body = sent.readNBytes((int) length);
    switch (fault.kind()) {
      case ANSWER -> client.getOutputStream().write(ascii(fault.answer()));
      case SILENCE -> sent.readAllBytes();
      default -> forward(client, head, body, fault);
    }
  }

  private void forward(Socket client, String head, byte[] body, Fault fault) throws IOException {
    if (fault.kind() == Kind.DAMAGE_BODY && body.length > 0) {
      body[body.length / 2] ^= 1;
    }
    try (Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      server.setTcpNoDelay(true);
      OutputStream out = server.getOutputStream();
      out.write(ascii(alone(head)));
      out.write(body);
      out.flush();
      InputStream in = new BufferedInputStream(server.getInputStream());
      String answer = readHead(in).orElseThrow(EOFException::new);
      if (fault.kind() == Kind.LOSE_ANSWER) {
        in.readAllBytes();
        reset(client);
        return;
      }
      if (fault.kind() == Kind.WRONG_LENGTH) {
        Matcher found = LENGTH.matcher(answer);
        answer =
            found.replaceFirst(
                match ->
                    match.group(1)
                        + Math.max(0, Long.parseLong(match.group(2)) + fault.bytes())
                        + match.group(3));
      }
      client.getOutputStream().write(ascii(answer));
      switch (fault.kind()) {
        case RESET_ANSWER -> {
          copy(in, client.getOutputStream(), fault.bytes());
          reset(client);
        }
        case TRUNCATE_ANSWER -> copy(in, client.getOutputStream(), fault.bytes());
        default -> copy(in, client.getOutputStream(), Long.MAX_VALUE);
      }
    }
  }

  // The end of the connection is then the end of the answer, for the server and for the client.
  private static String alone(String head) {
    return head.replaceAll("(?im)^(connection|expect): .*\r\n", "")
        .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
  }

  private static long length(String head) {
    Matcher found = LENGTH.matcher(head);
    return found.find() ? Long.parseLong(found.group(2)) : 0;
  }

  private void copy(InputStream in, OutputStream out, long count) throws IOException {
    byte[] buffer = new byte[8192];
    long left = count;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        return;
      }
      out.write(buffer, 0, read);
      answered.addAndGet(read);
      left -= read;
    }
    out.flush();
  }

  private static void reset(Socket client) throws IOException {
    client.setSoLinger(true, 0);
    client.close();
  }

  private static Optional<String> readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    byte[] end = ascii("\r\n\r\n");
    byte[] last = new byte[end.length];
    while (!Arrays.equals(last, end)) {
      int next = in.read();
      if (next < 0) {
        return Optional.empty();
      }
      head.write(next);
      System.arraycopy(last, 1, last, 0, last.length - 1);
      last[last.length - 1] = (byte) next;
    }
    return Optional.of(head.toString(StandardCharsets.ISO_8859_1));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
