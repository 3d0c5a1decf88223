package io.registry.web.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.IndexMode;
import io.registry.access.auth.IndexProperties;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class BlobResponderTest {
  private static final String TEN = "0123456789";
  private static final String ETAG = "\"sha256:1234\"";
  private static final BlobForm SEVERAL =
      new BlobForm("text/plain", Optional.of(ETAG), HttpStatus.TEMPORARY_REDIRECT, true);

  private final BlobResponder blobs =
      new BlobResponder(
          new ImmutableAnswers(Clock.systemUTC(), new IndexProperties(IndexMode.STANDALONE)),
          new MinimumRateStreams(
              new CurrentLimits(
                  new Binder(new MapConfigurationPropertySource())
                      .bindOrCreate("registry.limits", LimitProperties.class))));

  private final List<ByteRange> opened = new ArrayList<>();
  private Optional<URI> elsewhere = Optional.empty();

  @Test
  void aBlobIsSentWithTheTypeAndTagOfTheProtocol() throws IOException {
    MockHttpServletResponse answer = ask("GET");
    assertThat(answer.getStatus()).isEqualTo(200);
    assertThat(answer.getContentAsString()).isEqualTo(TEN);
    assertThat(answer.getContentType()).isEqualTo("text/plain");
    assertThat(answer.getHeader(HttpHeaders.ETAG)).isEqualTo(ETAG);
    assertThat(answer.getHeader(HttpHeaders.ACCEPT_RANGES)).isEqualTo("bytes");
  }

  @Test
  void headOpensNothing() throws IOException {
    MockHttpServletResponse answer = ask("HEAD");
    assertThat(answer.getContentLength()).isEqualTo(10);
    assertThat(opened).isEmpty();
  }

  @Test
  void whatTheClientHasIsNotSent() throws IOException {
    assertThat(ask("GET", HttpHeaders.IF_NONE_MATCH, ETAG).getStatus()).isEqualTo(304);
    assertThat(opened).isEmpty();
  }

  @Test
  void severalRangesAreSentAsParts() throws IOException {
    MockHttpServletResponse answer = ask("GET", HttpHeaders.RANGE, "bytes=0-1, 4-4,-2");
    assertThat(answer.getStatus()).isEqualTo(206);
    String boundary = boundary(answer);
    assertThat(answer.getContentAsString())
        .isEqualTo(
            """

            --%1$s
            Content-Type: text/plain
            Content-Range: bytes 0-1/10

            01
            --%1$s
            Content-Type: text/plain
            Content-Range: bytes 4-4/10

            4
            --%1$s
            Content-Type: text/plain
            Content-Range: bytes 8-9/10

            89
            --%1$s--
            """
                .formatted(boundary)
                .replace("\n", "\r\n"));
    assertThat(answer.getContentLength()).isEqualTo(answer.getContentAsByteArray().length);
    assertThat(answer.getHeader(HttpHeaders.CONTENT_RANGE)).isNull();
  }

  @Test
  void headTellsTheLengthOfSeveralParts() throws IOException {
    MockHttpServletResponse get = ask("GET", HttpHeaders.RANGE, "bytes=0-1,4-4");
    MockHttpServletResponse head = ask("HEAD", HttpHeaders.RANGE, "bytes=0-1,4-4");
    assertThat(head.getStatus()).isEqualTo(206);
    assertThat(head.getContentLength()).isEqualTo(get.getContentLength());
  }

  @Test
  void ofSeveralRangesOnlyThoseThatThereAreAreSent() throws IOException {
    MockHttpServletResponse answer = ask("GET", HttpHeaders.RANGE, "bytes=2-3,10-11");
    assertThat(answer.getStatus()).isEqualTo(206);
    assertThat(answer.getHeader(HttpHeaders.CONTENT_RANGE)).isEqualTo("bytes 2-3/10");
    assertThat(answer.getContentAsString()).isEqualTo("23");
  }

  @Test
  void ifThereAreNoneOfThemNothingIsSent() throws IOException {
    MockHttpServletResponse answer = ask("GET", HttpHeaders.RANGE, "bytes=10-11,12-");
    assertThat(answer.getStatus()).isEqualTo(416);
    assertThat(answer.getHeader(HttpHeaders.CONTENT_RANGE)).isEqualTo("bytes */10");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=0-,0-", "bytes=0-8,1-9", "bytes=0-1,x", "lines=0-1,3-4"})
  void tooMuchOrNonsenseIsAnsweredWithTheWhole(String ranges) throws IOException {
    MockHttpServletResponse answer = ask("GET", HttpHeaders.RANGE, ranges);
    assertThat(answer.getStatus()).isEqualTo(200);
    assertThat(answer.getContentAsString()).isEqualTo(TEN);
  }

  @Test
  void moreRangesThanAnybodyNeedsAreAnsweredWithTheWhole() throws IOException {
    String many = "bytes=" + "0-0,".repeat(300) + "1-1";
    assertThat(ask("GET", HttpHeaders.RANGE, many).getStatus()).isEqualTo(200);
  }

  @Test
  void aProtocolThatKnowsOneRangeOnlySendsTheWhole() throws IOException {
    MockHttpServletResponse answer =
        ask(BlobForm.bytes(HttpStatus.FOUND), "GET", HttpHeaders.RANGE, "bytes=0-1,4-4");
    assertThat(answer.getStatus()).isEqualTo(200);
    assertThat(answer.getHeader(HttpHeaders.ETAG)).isEqualTo("\"7\"");
  }

  @Test
  void theProtocolSaysHowClientsAreSentElsewhere() throws IOException {
    elsewhere = Optional.of(URI.create("https://bucket.example/blob"));
    MockHttpServletResponse answer = ask("GET");
    assertThat(answer.getStatus()).isEqualTo(307);
    assertThat(answer.getHeader(HttpHeaders.LOCATION)).isEqualTo("https://bucket.example/blob");
    assertThat(ask(BlobForm.bytes(HttpStatus.FOUND), "GET").getStatus()).isEqualTo(302);
    assertThat(ask("GET", HttpHeaders.RANGE, "bytes=10-").getStatus()).isEqualTo(416);
    assertThat(opened).isEmpty();
  }

  private MockHttpServletResponse ask(String method, String... header) throws IOException {
    return ask(SEVERAL, method, header);
  }

  private MockHttpServletResponse ask(BlobForm form, String method, String... header)
      throws IOException {
    MockHttpServletRequest request = new MockHttpServletRequest(method, "/blob");
    if (header.length > 0) {
      request.addHeader(header[0], header[1]);
    }
    MockHttpServletResponse answer = new MockHttpServletResponse();
    blobs.send(new Made(), form, request, answer);
    return answer;
  }

  private static String boundary(MockHttpServletResponse answer) {
    String type = String.valueOf(answer.getContentType());
    assertThat(type).startsWith("multipart/byteranges; boundary=");
    return type.substring(type.indexOf('=') + 1);
  }

  /** Bytes that no file holds. */
  private final class Made implements BlobSource {
    @Override
    public BlobInfo info() {
      return new BlobInfo(TEN.length(), "7");
    }

    @Override
    public Blob open(ByteRange range) {
      opened.add(range);
      return new Part(range.offset(TEN.length()), range.length(TEN.length()));
    }

    @Override
    public Optional<URI> downloadUrl() {
      return elsewhere;
    }
  }

  private record Part(long offset, long length) implements Blob {
    @Override
    public long size() {
      return TEN.length();
    }

    @Override
    public String version() {
      return "7";
    }

    @Override
    public InputStream body() {
      InputStream all = new ByteArrayInputStream(TEN.getBytes(StandardCharsets.US_ASCII));
      try {
        all.skipNBytes(offset);
        return new ByteArrayInputStream(all.readNBytes((int) length));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public Optional<Path> file() {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }
}
