using IntegrationHub.Storage.DeadLetters;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>What somebody asks for.</summary>
/// <param name="Kind">One of <see cref="LetterActionKind"/>.</param>
/// <param name="Filter">Which letters.</param>
/// <param name="Expected">How many letters the person was shown; null to be shown.</param>
/// <param name="By">Who.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Key">The same request has the same key; null for none.</param>
/// <param name="AllowsRepeat">True to send what the vendor may have, too.</param>
internal sealed record LetterRequest(string Kind, LetterFilter Filter, long? Expected, string By, string? Reason, string? Key, bool AllowsRepeat = false)
{
    /// <summary>How the request came: <c>api</c> or <c>cli</c>.</summary>
    public string Via { get; init; } = "api";
}
