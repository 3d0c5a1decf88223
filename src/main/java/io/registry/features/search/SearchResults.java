package io.registry.features.search;

import java.util.List;

/**
 * The result of a search.
 *
 * @param total the number of repositories that match
 * @param some those on the requested page
 */
public record SearchResults(long total, List<SearchResult> some) {}
