package io.registry.features.search;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.database.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The database tables of the search index. A transaction that changes the index locks the single
 * row of {@code search_state} until it commits, so that changes become visible in the order of
 * their revisions: a reader that has seen all up to a revision has missed none before it.
 */
final class IndexRows {
  private final Database database;

  IndexRows(Database database) {
    this.database = database;
  }

  /**
   * The progress of the index.
   *
   * @param revision the highest revision of any row, or higher
   * @param forgotten rows of removed repositories are deleted up to this revision
   */
  record Progress(long revision, long forgotten) {}

  Progress progress() {
    return database
        .sql("select revision, forgotten from search_state where id = 1")
        .query((row, number) -> new Progress(row.getLong("revision"), row.getLong("forgotten")))
        .single();
  }

  /** The next rows in the order of their revisions, including those of removed repositories. */
  List<IndexRow> changedAfter(long revision, int limit) {
    return database
        .sql(
            """
                    select * from search_repository where revision > :revision
                    order by revision limit :limit""")
        .param("revision", revision)
        .param("limit", limit)
        .query(IndexRows::row)
        .list();
  }

  /** The next rows of repositories that a scan has not found, and that are not newer than it. */
  List<IndexRow> notSeen(long scan, long after, long upTo, int limit) {
    return database
        .sql(
            """
                    select * from search_repository
                    where revision > :after and revision <= :upTo and present and seen <> :scan
                    order by revision limit :limit""")
        .param("after", after)
        .param("upTo", upTo)
        .param("scan", scan)
        .param("limit", limit)
        .query(IndexRows::row)
        .list();
  }

  /**
   * Marks repositories as seen by a scan, if the index agrees with what was read. That changes
   * nothing for searches.
   *
   * @param findings what was read
   * @return the repositories for which the index differs
   */
  List<FoundRepository> see(long scan, List<FoundRepository> findings) {
    return unchanged(
        findings,
        """
        update search_repository set seen = ?
        where namespace = ? and name = ? and is_private = ? and present""",
        at -> {
          FoundRepository found = findings.get(at);
          return new Object[] {
            scan, found.repository().namespace(), found.repository().name(), found.isPrivate()
          };
        });
  }

  /**
   * Writes what was read from the store.
   *
   * @param base the revision of the index before the store was read: rows that others have changed
   *     since may be newer than what was read, and are not overwritten
   * @param scan the scan that has read it; 0 for none
   * @param findings what was read, each repository once
   * @return the repositories whose rows were not overwritten: they must be read again
   */
  List<FoundRepository> write(long base, long scan, List<FoundRepository> findings) {
    return findings.isEmpty()
        ? List.of()
        : database.together(
            client -> add(change(findings, base, scan, reserve(client, findings.size()))));
  }

  /** A finding with the revision for its row. */
  private record Numbered(FoundRepository finding, long revision, long scan) {}

  private static long reserve(JdbcClient client, int revisions) {
    client
        .sql("update search_state set revision = revision + :more where id = 1")
        .param("more", revisions)
        .update();
    return client.sql("select revision from search_state where id = 1").query(Long.class).single();
  }

  private List<Numbered> change(List<FoundRepository> findings, long base, long scan, long last) {
    List<Numbered> numbered =
        IntStream.range(0, findings.size())
            .mapToObj(at -> new Numbered(findings.get(at), last - at, scan))
            .toList();
    return unchanged(
        numbered,
        """
        update search_repository set is_private = ?, present = ?,
          description = case when ? then description else '' end, revision = ?, seen = ?
        where namespace = ? and name = ? and revision <= ?""",
        at -> {
          FoundRepository found = findings.get(at);
          return new Object[] {
            found.isPrivate(),
            found.present(),
            found.present() && !found.wasRemoved(),
            last - at,
            scan,
            found.repository().namespace(),
            found.repository().name(),
            base
          };
        });
  }

  private List<FoundRepository> add(List<Numbered> rows) {
    return unchanged(
            rows,
            """
            insert into search_repository
              (namespace, name, is_private, description, present, revision, seen)
            values (?, ?, ?, '', ?, ?, ?) on conflict do nothing""",
            at -> {
              FoundRepository found = rows.get(at).finding();
              return new Object[] {
                found.repository().namespace(),
                found.repository().name(),
                found.isPrivate(),
                found.present(),
                rows.get(at).revision(),
                rows.get(at).scan()
              };
            })
        .stream()
        .map(Numbered::finding)
        .toList();
  }

  private <T> List<T> unchanged(
      List<T> items, String statement, Function<Integer, Object[]> values) {
    List<Object[]> rows = new ArrayList<>();
    for (int at = 0; at < items.size(); at++) {
      rows.add(values.apply(at));
    }
    int[] changed = database.changedForEach(statement, rows);
    return IntStream.range(0, items.size())
        .filter(at -> changed[at] == 0)
        .mapToObj(items::get)
        .toList();
  }

  /** The description of a repository; empty when it is not in the index. */
  Optional<String> description(RepositoryName repository) {
    return database
        .sql(
            """
                    select description from search_repository
                    where namespace = :namespace and name = :name and present""")
        .param("namespace", repository.namespace())
        .param("name", repository.name())
        .query(String.class)
        .optional();
  }

  /** Sets the description of a repository; false when it is not in the index. */
  boolean describe(RepositoryName repository, String description) {
    return database.together(
        client ->
            client
                    .sql(
                        """
                        update search_repository set description = :description, revision = :revision
                        where namespace = :namespace and name = :name and present""")
                    .param("revision", reserve(client, 1))
                    .param("description", description)
                    .param("namespace", repository.namespace())
                    .param("name", repository.name())
                    .update()
                > 0);
  }

  /** Deletes the rows of repositories that were removed up to a revision. */
  void forget(long upTo) {
    database.together(
        client -> {
          long locked = reserve(client, 0);
          int gone =
              client
                  .sql(
                      """
                          delete from search_repository
                          where not present and revision <= :upTo and revision <= :locked""")
                  .param("upTo", upTo)
                  .param("locked", locked)
                  .update();
          return gone > 0
              && client
                      .sql(
                          """
                              update search_state set forgotten = :upTo
                              where id = 1 and forgotten < :upTo""")
                      .param("upTo", upTo)
                      .update()
                  > 0;
        });
  }

  private static IndexRow row(ResultSet row, int number) throws SQLException {
    return new IndexRow(
        new RepositoryName(row.getString("namespace"), row.getString("name")),
        row.getBoolean("is_private"),
        row.getString("description"),
        row.getBoolean("present"),
        row.getLong("revision"));
  }
}
