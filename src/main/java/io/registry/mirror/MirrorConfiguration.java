package io.registry.mirror;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.client.Connections;
import io.registry.image.ImageUploads;
import io.registry.json.JsonCodec;
import io.registry.problem.ReadOnly;
import io.registry.problem.SetupException;
import io.registry.storage.BlobStorage;
import io.registry.trace.Traces;
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
  SourceRegistry sourceRegistry(
      MirrorProperties settings,
      Connections connections,
      JsonCodec codec,
      Clock clock,
      MirrorMeters meters) {
    SourceClient client =
        new SourceClient(
            connections.open(settings.sslBundle(), settings.connectTimeout()),
            settings.insecureRedirects());
    return new SourceRegistry(
        new SourceAccess(client, settings),
        new SourceRegistry.Guards(
            new SourceGuard("source", settings, clock, meters),
            new SourceGuard("index", settings, clock, meters),
            new SourceGuard("search", settings, clock, meters)),
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
      SourceRegistry source,
      SourceImages images,
      ImageUploads uploads,
      Spool spool,
      Clock clock,
      MirrorMeters meters,
      ObjectProvider<Traces> traces) {
    LayerFetch.Parts parts =
        new LayerFetch.Parts(
            source,
            images,
            uploads.copies(),
            spool,
            settings.idleTimeout(),
            settings.layerTimeout(),
            meters);
    return new LayerFetches(parts, settings, clock, traces.getIfAvailable(() -> Traces.NONE));
  }

  @Bean
  Mirror mirror(
      MirrorProperties settings,
      SourceRegistry source,
      SourceImages images,
      LayerFetches layers,
      Clock clock,
      MirrorMeters meters) {
    return new Mirror(source, images, layers, new MirrorMemory(settings, clock), meters);
  }

  @Bean
  @ConditionalOnProperty(prefix = "registry.mirror", name = "pushes", havingValue = "refuse")
  ReadOnly mirrorIsReadOnly() {
    return new ReadOnly("This registry is a mirror: push to the registry that it mirrors");
  }
}
