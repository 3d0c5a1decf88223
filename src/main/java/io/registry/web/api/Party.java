package io.registry.web.api;

import io.registry.access.index.Owner;
import io.registry.access.index.PartyKind;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A user or a team; exactly one of the two names is set.
 *
 * @param user the name of a user
 * @param team the name of a team
 */
record Party(
    @Schema(description = "A user; absent when it is a team") @Nullable String user,
    @Schema(description = "A team; absent when it is a user") @Nullable String team) {

  static Party of(Owner owner) {
    return switch (owner.kind()) {
      case ACCOUNT -> new Party(owner.name(), null);
      case TEAM -> new Party(null, owner.name());
    };
  }

  Owner owner() {
    if (user != null && team == null) {
      return new Owner(PartyKind.ACCOUNT, user);
    }
    if (team != null && user == null) {
      return new Owner(PartyKind.TEAM, team);
    }
    throw new RegistryException(
        Problem.INVALID, "owner: has to have one of the fields user and team");
  }
}
