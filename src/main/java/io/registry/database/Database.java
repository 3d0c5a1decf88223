package io.registry.database;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The way to the database, and the one place where its failures become {@code UNAVAILABLE}. What
 * the rules of the tables forbid stays a {@link DataIntegrityViolationException}, which the caller
 * has a word for.
 */
public final class Database {
  private static final Logger log = LoggerFactory.getLogger(Database.class);

  /** No question here takes a database that is well nearly as long. */
  private static final int QUERY_TIMEOUT_SECONDS = 5;

  private static final int ATTEMPTS = 3;

  /** How PostgreSQL calls a NUL, which H2 takes. */
  private static final String NO_CHARACTER = "22021";

  private final JdbcTemplate template;
  private final JdbcClient client;
  private final TransactionTemplate transactions;

  /** The way to the database that connections of this source lead to. */
  public Database(DataSource source) {
    this.template = new JdbcTemplate(source);
    template.setQueryTimeout(QUERY_TIMEOUT_SECONDS);
    this.client = JdbcClient.create(template);
    this.transactions = new TransactionTemplate(new JdbcTransactionManager(source));
  }

  /** Asks something, or changes something by one statement. */
  public <T> T run(Function<JdbcClient, T> statement) {
    return translated(() -> statement.apply(client));
  }

  /** Does several things or none of them. */
  public <T> T together(Function<JdbcClient, T> statements) {
    return translated(
        () ->
            Objects.requireNonNull(transactions.execute(transaction -> statements.apply(client))));
  }

  /** Runs a statement with question marks once for each row, several rows at the same time. */
  public void forEach(String statement, List<Object[]> rows) {
    int[] unused = changedForEach(statement, rows);
  }

  /** Does the same, and tells how many rows of the table it has changed for each. */
  public int[] changedForEach(String statement, List<Object[]> rows) {
    return rows.isEmpty() ? new int[0] : translated(() -> template.batchUpdate(statement, rows));
  }

  private static <T> T translated(Supplier<T> work) {
    try {
      for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
        try {
          return work.get();
        } catch (PessimisticLockingFailureException e) {
          // Of two who waited for each other, this one had to give in, and has changed nothing.
          log.debug("The database took back attempt {}", attempt, e);
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
      // A defect of ours: trying again would not help.
      throw e;
    } catch (DataAccessException | TransactionException e) {
      throw new RegistryException(
          Problem.UNAVAILABLE, "The database cannot be reached at the moment", e);
    }
  }
}
