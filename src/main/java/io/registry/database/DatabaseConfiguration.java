package io.registry.database;

import javax.sql.DataSource;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * Opens the database and makes its tables. Not found by scanning: whoever needs a database imports
 * this, and when nobody does there is none, as the entrance leaves out what Spring Boot would make
 * of a driver on the class path.
 */
@Import({
  DataSourceAutoConfiguration.class,
  FlywayAutoConfiguration.class,
  DataSourceHealthContributorAutoConfiguration.class
})
public class DatabaseConfiguration {

  @Bean
  static DatabaseSetup databaseSetup() {
    return new DatabaseSetup();
  }

  @Bean
  @DependsOnDatabaseInitialization
  Database database(DataSource source) {
    return new Database(source);
  }
}
