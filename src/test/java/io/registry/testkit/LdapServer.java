package io.registry.testkit;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.sdk.OperationType;
import com.unboundid.util.LDAPSDKException;
import java.util.EnumSet;

/** A directory in memory, which nobody may read without signing in. */
public final class LdapServer implements AutoCloseable {
  /** What all of it is below. */
  public static final String BASE = "dc=example,dc=org";

  /** Who may search it. */
  public static final String MANAGER = "cn=manager," + BASE;

  /** The manager's password. */
  public static final String MANAGER_PASSWORD = "manager s3cret";

  private final InMemoryDirectoryServer server;

  private LdapServer(InMemoryDirectoryServer server) {
    this.server = server;
  }

  /** Starts it, with folders for people and groups. */
  public static LdapServer start() throws LDAPSDKException {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig(BASE);
    config.setListenerConfigs(InMemoryListenerConfig.createLDAPConfig("test", 0));
    config.setAuthenticationRequiredOperationTypes(
        EnumSet.of(OperationType.SEARCH, OperationType.COMPARE, OperationType.MODIFY));
    config.addAdditionalBindCredentials(MANAGER, MANAGER_PASSWORD);
    config.setSchema(null);
    InMemoryDirectoryServer server = new InMemoryDirectoryServer(config);
    server.add("dn: " + BASE, "objectClass: domain", "dc: example");
    server.add("dn: ou=people," + BASE, "objectClass: organizationalUnit", "ou: people");
    server.add("dn: ou=groups," + BASE, "objectClass: organizationalUnit", "ou: groups");
    server.startListening();
    return new LdapServer(server);
  }

  /** Adds somebody. */
  public LdapServer person(String name, String password) throws LDAPSDKException {
    server.add(
        "dn: " + dn(name),
        "objectClass: inetOrgPerson",
        "uid: " + name,
        "cn: " + name,
        "sn: " + name,
        "mail: " + name + "@example.org",
        "userPassword: " + password);
    return this;
  }

  /** Adds a group of such people. */
  public LdapServer group(String name, String... people) throws LDAPSDKException {
    String[] lines = new String[people.length + 3];
    lines[0] = "dn: cn=" + name + ",ou=groups," + BASE;
    lines[1] = "objectClass: groupOfNames";
    lines[2] = "cn: " + name;
    for (int i = 0; i < people.length; i++) {
      lines[i + 3] = "member: " + dn(people[i]);
    }
    server.add(lines);
    return this;
  }

  /** Where it is, with its base. */
  public String url() {
    return "ldap://127.0.0.1:" + server.getListenPort() + "/" + BASE;
  }

  @Override
  public void close() {
    server.shutDown(true);
  }

  private static String dn(String name) {
    return "uid=" + name + ",ou=people," + BASE;
  }
}
