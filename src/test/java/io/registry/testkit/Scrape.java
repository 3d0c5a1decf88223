package io.registry.testkit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a registry tells Prometheus. */
public final class Scrape {
  private static final Pattern LINE =
      Pattern.compile("^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)$", Pattern.MULTILINE);

  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

  /** A line: the labels with their values, and the value. */
  public record Sample(String name, Map<String, String> labels, double value) {}

  private final List<Sample> samples;

  private Scrape(List<Sample> samples) {
    this.samples = samples;
  }

  /** Asks a registry, at the port where it tells operators. */
  public static Scrape of(TestClient client, String... headers) {
    TestClient.Answer answer = client.get("/actuator/prometheus", headers);
    if (answer.status() != 200) {
      throw new AssertionError("no numbers: " + answer);
    }
    return new Scrape(
        LINE.matcher(answer.text())
            .results()
            .map(
                line ->
                    new Sample(
                        line.group(1),
                        labels(Optional.ofNullable(line.group(2)).orElse("")),
                        Double.parseDouble(line.group(3))))
            .toList());
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text);
    while (label.find()) {
      labels.put(label.group(1), label.group(2));
    }
    return labels;
  }

  /** All lines. */
  public List<Sample> samples() {
    return samples;
  }

  /** The sum of the lines of that name with these labels, as names and values in turn. */
  public double sum(String name, String... labels) {
    Map<String, String> wanted = new TreeMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      wanted.put(labels[i], labels[i + 1]);
    }
    return samples.stream()
        .filter(sample -> sample.name().equals(name))
        .filter(sample -> sample.labels().entrySet().containsAll(wanted.entrySet()))
        .mapToDouble(Sample::value)
        .sum();
  }

  /** The values that a label has in the lines of that name. */
  public Set<String> values(String name, String label) {
    Set<String> values = new TreeSet<>();
    samples.stream()
        .filter(sample -> sample.name().equals(name))
        .map(sample -> sample.labels().get(label))
        .filter(value -> value != null)
        .forEach(values::add);
    return values;
  }
}
