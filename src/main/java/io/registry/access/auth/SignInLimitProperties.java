package io.registry.access.auth;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the limits of sign-ins.
 *
 * @param failuresPerAddress failed sign-ins per minute from one address, with all accounts that
 *     have not signed in from there lately; 0 means any number
 * @param failuresPerAccount failed sign-ins per minute with one account from one address; 0 means
 *     any number
 * @param requestsPerAddress requests for a sign-in or a token per minute from one address; 0 means
 *     any number
 * @param registrations accounts per minute that clients may create for themselves, from all
 *     addresses together; 0 means any number
 */
@Validated
@ConfigurationProperties("registry.auth.limits")
public record SignInLimitProperties(
    @DefaultValue("20") @Min(0) @Max(1_000_000) int failuresPerAddress,
    @DefaultValue("10") @Min(0) @Max(1_000_000) int failuresPerAccount,
    @DefaultValue("1200") @Min(0) @Max(1_000_000) int requestsPerAddress,
    @DefaultValue("30") @Min(0) @Max(1_000_000) int registrations) {}
