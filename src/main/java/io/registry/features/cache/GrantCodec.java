package io.registry.features.cache;

import io.registry.access.auth.Access;
import io.registry.access.auth.Grant;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** Serializes grants. */
final class GrantCodec implements Codec<RememberedGrant> {
  /** The approximate size in bytes of an image id in a set, and of the rest of a grant. */
  private static final int OBJECT = 160;

  @Override
  public void write(RememberedGrant remembered, DataOutputStream out) throws IOException {
    Grant grant = remembered.grant();
    out.writeLong(remembered.until().toEpochMilli());
    out.writeUTF(grant.user());
    out.writeUTF(grant.repository().namespace());
    out.writeUTF(grant.repository().name());
    out.writeUTF(grant.access().word());
    out.writeInt(grant.images().size());
    for (ImageId image : grant.images()) {
      out.writeUTF(image.value());
    }
  }

  @Override
  public RememberedGrant read(DataInputStream in) throws IOException {
    Instant until = Instant.ofEpochMilli(in.readLong());
    String user = in.readUTF();
    RepositoryName repository = new RepositoryName(in.readUTF(), in.readUTF());
    Access access = Access.parse(in.readUTF()).orElseThrow();
    int size = in.readInt();
    Set<ImageId> images = new HashSet<>();
    for (int i = 0; i < size; i++) {
      images.add(new ImageId(in.readUTF()));
    }
    return new RememberedGrant(until, new Grant(user, repository, access, images));
  }

  @Override
  public int weight(RememberedGrant remembered) {
    return 4 * OBJECT + OBJECT * remembered.grant().images().size();
  }
}
