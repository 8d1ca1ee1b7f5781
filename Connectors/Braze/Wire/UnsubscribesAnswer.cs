using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>The answer of <c>/email/unsubscribes</c>.</summary>
/// <param name="Message"><c>success</c>, or why there is none; null when it is missing.</param>
/// <param name="OptOuts">Addresses in lower case, with when they opted out.</param>
internal sealed record UnsubscribesAnswer(string? Message, IReadOnlyList<(string Email, DateTimeOffset At)> OptOuts) : IBrazeBody
{
    /// <summary>The most that Braze gives per page.</summary>
    public const int PageSize = 500;

    public bool NamesRecords => false;

    /// <exception cref="JsonException">The body is not a JSON object of the known shape.</exception>
    public static UnsubscribesAnswer Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var answer = TrackAnswer.Object(document);
        var message = TrackAnswer.Text(answer, "message");
        if (!answer.TryGetProperty("emails"u8, out var emails) || emails.ValueKind != JsonValueKind.Array)
        {
            return message == TrackAnswer.Success ? throw new JsonException("The answer holds no list.") : new UnsubscribesAnswer(message, []);
        }

        return new UnsubscribesAnswer(message, [.. emails.EnumerateArray().Select(Read)]);
    }

    /// <summary>Braze writes a time as <c>2016-08-25 15:24:32 +0000</c>.</summary>
    private static (string Email, DateTimeOffset At) Read(JsonElement entry)
        => TrackAnswer.Text(entry, "email") is { } email && TrackAnswer.Text(entry, "unsubscribed_at") is { } at
            && DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? (BrazeProfiles.Normal(email), time)
            : throw new JsonException("An entry has no address or no time.");
}
