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
  SourceAccess sourceAccess(SourceClient client, MirrorProperties settings) {
    return new SourceAccess(client, settings);
  }

  @Bean
  DigestAccess digestAccess(SourceClient client, MirrorProperties settings, JsonCodec codec) {
    return new DigestAccess(client, settings, codec);
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
  SpokenProtocol spokenProtocol(
      MirrorProperties settings,
      ObjectProvider<BridgeProperties> v2,
      SourceAccess v1,
      DigestAccess digests,
      ServerGuard guard) {
    boolean isOn = v2.stream().findFirst().isPresent();
    if (settings.protocol() == SourceProtocol.V2 && !isOn) {
      throw new SetupException(
          "registry.mirror.protocol=v2 keeps what only V2 serves, and registry.v2.enabled is false",
          "Set registry.v2.enabled=true, or registry.mirror.protocol=v1");
    }
    // A token of the settings is one of V1.
    boolean isV1 = !isOn || !settings.token().isEmpty();
    return new SpokenProtocol(isV1 ? SourceProtocol.V1 : settings.protocol(), v1, digests, guard);
  }

  @Bean
  SourceRegistry sourceRegistry(
      MirrorProperties settings,
      SourceAccess access,
      ServerGuard guard,
      SpokenProtocol protocol,
      JsonCodec codec,
      Clock clock,
      MirrorMeters meters) {
    return new SourceRegistry(
        access,
        new SourceRegistry.Guards(
            guard,
            guard("index", settings, clock, meters),
            guard("search", settings, clock, meters)),
        protocol,
        codec,
        settings.answerSize().toBytes());
  }

  @Bean
  SourceSearch sourceSearch(SourceRegistry source) {
    return new SourceSearch(source);
  }

  @Bean
  Spool mirrorSpool(MirrorProperties settings) {
    return Spool.of(settings);
  }

  @Bean
  SourceImages sourceImages(SourceRegistry source, ImageUploads uploads) {
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
  DigestMirror digestMirror(
      MirrorProperties settings,
      SpokenProtocol protocol,
      DigestAccess access,
      ServerGuard guard,
      LayerFetches layers,
      BlobStorage storage,
      BlobStore blobs,
      RepositoryContent content,
      ManifestParser parser,
      ObjectProvider<V1Counterparts> counterparts,
      JsonCodec codec,
      Clock clock) {
    DigestSource source = new DigestSource(access, guard, codec, settings.answerSize().toBytes());
    return new DigestMirror(
        protocol,
        new FetchedBlob.Parts(source, layers, storage, blobs, content),
        parser,
        counterparts::getObject,
        new MirrorMemory(settings, clock));
  }

  @Bean
  Mirror mirror(
      MirrorProperties settings,
      SourceRegistry source,
      SourceImages images,
      ImageUploads uploads,
      ObjectProvider<DigestMirror> digests,
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
