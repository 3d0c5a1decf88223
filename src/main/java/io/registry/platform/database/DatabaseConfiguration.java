package io.registry.platform.database;

import javax.sql.DataSource;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * Opens the database and creates its tables. Component scanning does not find it: a configuration
 * that needs a database imports it, and otherwise there is none, because the application excludes
 * Spring Boot's automatic data source.
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
