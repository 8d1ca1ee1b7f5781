namespace IntegrationHub.Hub.Alerts;

/// <summary>What became of telling somebody. Nothing is final: within the day a person mends the key, the channel or the mailbox, and what is to be told is not lost meanwhile.</summary>
/// <param name="Error">Why it failed, without secrets; null when it was told.</param>
internal sealed record AlertTold(string? Error)
{
    public static AlertTold Well { get; } = new((string?)null);

    /// <summary>The secret, or what it was to be, is not where the route says.</summary>
    public static AlertTold SecretMissing { get; } = new("secret_missing");

    /// <summary>How long the receiver asks us to wait; null when it says nothing of it.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What an answer of HTTP means.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="now">The time, for an answer that names a moment.</param>
    public static AlertTold Of(HttpResponseMessage answer, DateTimeOffset now) => answer.IsSuccessStatusCode ? Well : new($"http_{(int)answer.StatusCode}")
    {
        RetryAfter = answer.Headers.RetryAfter is { } wait ? wait.Delta ?? wait.Date - now : null,
    };
}
