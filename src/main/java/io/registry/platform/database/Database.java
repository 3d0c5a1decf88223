package io.registry.platform.database;

import com.zaxxer.hikari.HikariDataSource;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.ReflectionUtils;

/**
 * Runs statements on the database, and translates its failures to {@code UNAVAILABLE}. A violated
 * constraint of a table stays a {@link DataIntegrityViolationException}, for which the caller has
 * an error text.
 */
public final class Database {
  private static final Logger log = LoggerFactory.getLogger(Database.class);

  /** Much longer than any query takes on a healthy database. */
  private static final int QUERY_TIMEOUT_SECONDS = 5;

  private static final int ATTEMPTS = 3;

  /** PostgreSQL's error code for a NUL character, which H2 accepts. */
  private static final String NO_CHARACTER = "22021";

  private final String description;
  private final JdbcTemplate template;
  private final JdbcClient client;

  /** Each statement of this client is translated, and repeated where that may help. */
  private final JdbcClient statements;

  private final TransactionTemplate transactions;

  /** Creates the access to the database of a data source. */
  public Database(DataSource source) {
    this.description = describe(source);
    this.template = new JdbcTemplate(source);
    template.setQueryTimeout(QUERY_TIMEOUT_SECONDS);
    this.client = JdbcClient.create(template);
    this.statements = JdbcClient.create(translated(template));
    this.transactions = new TransactionTemplate(new JdbcTransactionManager(source));
  }

  /** The URL without its parameters, and whether a committed change survives a power failure. */
  public String describe() {
    return description;
  }

  /** Runs single statements. */
  public JdbcClient statements() {
    return statements;
  }

  /** Prepares a single statement. */
  public JdbcClient.StatementSpec sql(String statement) {
    return statements.sql(statement);
  }

  /** Runs several statements in one transaction. */
  public <T> T together(Function<JdbcClient, T> statements) {
    return translated(
        () ->
            Objects.requireNonNull(transactions.execute(transaction -> statements.apply(client))));
  }

  /** Runs a statement with question marks once for each row, in batches. */
  public void forEach(String statement, List<Object[]> rows) {
    changedForEach(statement, rows);
  }

  /** Does the same, and returns for each row how many rows of the table have changed. */
  public int[] changedForEach(String statement, List<Object[]> rows) {
    return rows.isEmpty() ? new int[0] : translated(() -> template.batchUpdate(statement, rows));
  }

  private static String describe(DataSource source) {
    String url =
        source instanceof HikariDataSource pool
            ? Optional.ofNullable(pool.getJdbcUrl()).orElse("").replaceFirst("[;?].*", "")
            : "";
    String durability =
        SyncedFiles.isIn(url)
            ? "each change is on the disk when it is acknowledged"
            : url.startsWith("jdbc:h2:mem:")
                ? "in memory, lost when the registry stops"
                : url.startsWith("jdbc:h2:")
                    ? "the last changes may be lost with the power"
                    : "as durable as that database is set up";
    return url + ": " + durability;
  }

  private static JdbcOperations translated(JdbcOperations template) {
    return (JdbcOperations)
        Proxy.newProxyInstance(
            Database.class.getClassLoader(),
            new Class<?>[] {JdbcOperations.class},
            (proxy, method, arguments) ->
                translated(() -> ReflectionUtils.invokeMethod(method, template, arguments)));
  }

  private static <T extends @Nullable Object> T translated(Supplier<T> work) {
    try {
      for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
        try {
          return work.get();
        } catch (PessimisticLockingFailureException e) {
          // The database has rolled back this transaction because of a deadlock; it can be
          // repeated.
          log.debug("The database rolled back attempt {}", attempt, e);
        }
      }
      return work.get();
    } catch (DataIntegrityViolationException e) {
      if (e.getMostSpecificCause() instanceof SQLException cause
          && NO_CHARACTER.equals(cause.getSQLState())) {
        throw new RegistryException(Problem.INVALID, "A name holds what is no character", e);
      }
      throw e;
    } catch (InvalidDataAccessApiUsageException | InvalidDataAccessResourceUsageException e) {
      // A bug: a retry would not help.
      throw e;
    } catch (DataAccessException | TransactionException e) {
      throw new RegistryException(
          Problem.UNAVAILABLE, "The database cannot be reached at the moment", e);
    }
  }
}
