namespace IntegrationHub.Hub.Alerts;

/// <summary>What became of telling somebody.</summary>
/// <param name="Error">Why it failed, without secrets; null when it was told.</param>
/// <param name="IsFinal">True when it would fail again.</param>
internal sealed record AlertTold(string? Error, bool IsFinal)
{
    public static AlertTold Well { get; } = new(null, true);

    /// <summary>What a status of HTTP means.</summary>
    public static AlertTold Of(HttpResponseMessage answer) => answer.IsSuccessStatusCode
        ? Well
        : new($"http_{(int)answer.StatusCode}", (int)answer.StatusCode is >= 400 and < 500 and not (408 or 429));
}
