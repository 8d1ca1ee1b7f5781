namespace IntegrationHub.Hub;

/// <summary>The process runs without Unicode's data, so keys of people could not be compared.</summary>
internal sealed class GlobalizationException() : Exception(
    "The hub needs Unicode's rules (ICU) to compare keys of people, and this process runs without them. "
    + "Unset DOTNET_SYSTEM_GLOBALIZATION_INVARIANT, set no System.Globalization.Invariant in the runtimeconfig.json, and install the "
    + "system's ICU library (Debian: libicu72 or later; Alpine: icu-libs and icu-data-full).");
