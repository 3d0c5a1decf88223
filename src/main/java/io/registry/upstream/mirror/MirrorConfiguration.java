package io.registry.upstream.mirror;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.bridge.BridgeProperties;
import io.registry.content.image.ImageUploads;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.RepositoryContent;
import io.registry.platform.client.Connections;
import io.registry.platform.client.ServerGuard;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.ReadOnly;
import io.registry.platform.problem.SetupException;
import io.registry.platform.trace.Traces;
import io.registry.service.V1Counterparts;
import io.registry.storage.BlobStorage;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Configures the mirror, if a source is set. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMirror
@EnableConfigurationProperties(MirrorProperties.class)
class MirrorConfiguration {
  /** Up to how many questions to a server run concurrently; others wait. */
  private static final int QUESTIONS = 64;

  /** A mirror stores what it fetches, so it cannot use a read-only store. */
  MirrorConfiguration(BlobStorage storage) {
    if (storage.isReadOnly()) {
      throw new SetupException(
          "registry.read-only is set, and registry.mirror.source too: a mirror keeps what it"
              + " fetches",
          "Set registry.mirror.pushes=refuse instead of registry.read-only, or no source");
    }
  }

  @Bean
  MirrorMeters mirrorMeters(MeterRegistry registry) {
    return new MirrorMeters(registry);
  }

  @Bean
  SourceClient sourceClient(MirrorProperties settings, Connections connections) {
    return new SourceClient(
        connections.open(settings.sslBundle(), settings.connectTimeout()),
        settings.insecureRedirects());
  }

  @Bean
  V1SourceAccess sourceAccess(SourceClient client, MirrorProperties settings) {
    return new V1SourceAccess(client, settings);
  }

  @Bean
  V2SourceAccess digestAccess(SourceClient client, MirrorProperties settings, JsonCodec codec) {
    return new V2SourceAccess(client, settings, codec);
  }

  @Bean
  ServerGuard sourceGuard(MirrorProperties settings, Clock clock, MirrorMeters meters) {
    return guard("source", settings, clock, meters);
  }

  private static ServerGuard guard(
      String peer, MirrorProperties settings, Clock clock, MirrorMeters meters) {
    ServerGuard guard =
        new ServerGuard(
            peer + " of the mirror",
            new ServerGuard.Limits(
                settings.timeout(), settings.attempts(), QUESTIONS, settings.rest()),
            clock,
            new ServerGuard.Outcomes("found", "absent"),
            meters::asked);
    meters.watchCircuit(peer, guard::isSuspended);
    return guard;
  }

  @Bean
  ProtocolDetection spokenProtocol(
      MirrorProperties settings,
      ObjectProvider<BridgeProperties> v2,
      V1SourceAccess v1,
      V2SourceAccess digests,
      ServerGuard guard) {
    boolean isOn = v2.stream().findFirst().isPresent();
    if (settings.protocol() == SourceProtocol.V2 && !isOn) {
      throw new SetupException(
          "registry.mirror.protocol=v2 keeps what only V2 serves, and registry.v2.enabled is false",
          "Set registry.v2.enabled=true, or registry.mirror.protocol=v1");
    }
    // A token of the settings is one of V1.
    boolean isV1 = !isOn || !settings.token().isEmpty();
    return new ProtocolDetection(
        isV1 ? SourceProtocol.V1 : settings.protocol(), v1, digests, guard);
  }

  @Bean
  V1Source sourceRegistry(
      MirrorProperties settings,
      V1SourceAccess access,
      ServerGuard guard,
      ProtocolDetection protocol,
      JsonCodec codec,
      Clock clock,
      MirrorMeters meters) {
    return new V1Source(
        access,
        new V1Source.Guards(
            guard,
            guard("index", settings, clock, meters),
            guard("search", settings, clock, meters)),
        protocol,
        codec,
        settings.answerSize().toBytes());
  }

  @Bean
  SourceSearch sourceSearch(V1Source source) {
    return new SourceSearch(source);
  }

  @Bean
  Spool mirrorSpool(MirrorProperties settings) {
    return Spool.of(settings);
  }

  @Bean
  SourceImages sourceImages(V1Source source, ImageUploads uploads) {
    return new SourceImages(source, uploads.copies());
  }

  @Bean
  LayerFetches layerFetches(
      MirrorProperties settings,
      Spool spool,
      Clock clock,
      MirrorMeters meters,
      ObjectProvider<Traces> traces) {
    LayerFetch.Parts parts =
        new LayerFetch.Parts(spool, settings.idleTimeout(), settings.layerTimeout(), meters);
    return new LayerFetches(parts, settings, clock, traces.getIfAvailable(() -> Traces.NONE));
  }

  /** What a source that speaks V2 has, unless V2 is switched off here. */
  @Bean
  @ConditionalOnProperty(prefix = "registry.v2", name = "enabled", matchIfMissing = true)
  V2Mirror digestMirror(
      MirrorProperties settings,
      ProtocolDetection protocol,
      V2SourceAccess access,
      ServerGuard guard,
      LayerFetches layers,
      BlobStorage storage,
      BlobStore blobs,
      RepositoryContent content,
      ManifestParser parser,
      ObjectProvider<V1Counterparts> counterparts,
      JsonCodec codec,
      Clock clock) {
    V2Source source = new V2Source(access, guard, codec, settings.answerSize().toBytes());
    return new V2Mirror(
        protocol,
        new FetchedBlob.Parts(source, layers, storage, blobs, content),
        parser,
        counterparts::getObject,
        new MirrorMemory(settings, clock));
  }

  @Bean
  Mirror mirror(
      MirrorProperties settings,
      V1Source source,
      SourceImages images,
      ImageUploads uploads,
      ObjectProvider<V2Mirror> digests,
      LayerFetches layers,
      Clock clock,
      MirrorMeters meters) {
    return new Mirror(
        new FetchedLayer.Parts(source, images, uploads.copies()),
        digests.stream().findFirst(),
        layers,
        new MirrorMemory(settings, clock),
        meters);
  }

  @Bean
  @ConditionalOnProperty(prefix = "registry.mirror", name = "pushes", havingValue = "refuse")
  ReadOnly mirrorIsReadOnly() {
    return new ReadOnly("This registry is a mirror: push to the registry that it mirrors");
  }
}
