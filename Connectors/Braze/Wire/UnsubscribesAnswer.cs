using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>The answer of <c>/email/unsubscribes</c>, and of its neighbours <c>/email/hard_bounces</c> and <c>/sms/invalid_phone_numbers</c>.</summary>
/// <param name="Message"><c>success</c>, or why there is none; null when it is missing.</param>
/// <param name="OptOuts">Addresses in lower case, or numbers as they stand there, with when it happened.</param>
internal sealed record UnsubscribesAnswer(string? Message, IReadOnlyList<(string Email, DateTimeOffset At)> OptOuts) : IBrazeBody
{
    /// <summary>The most that Braze gives per page.</summary>
    public const int PageSize = 500;

    public bool NamesRecords => false;

    /// <exception cref="JsonException">The body is not a JSON object of the known shape.</exception>
    public static UnsubscribesAnswer Parse(ReadOnlyMemory<byte> body) => Parse(body, "emails", "email", "unsubscribed_at");

    /// <exception cref="JsonException">The body is not a JSON object of the known shape.</exception>
    public static UnsubscribesAnswer ParseBounces(ReadOnlyMemory<byte> body) => Parse(body, "emails", "email", "hard_bounced_at");

    /// <exception cref="JsonException">The body is not a JSON object of the known shape.</exception>
    public static UnsubscribesAnswer ParsePhones(ReadOnlyMemory<byte> body) => Parse(body, "sms", "phone", "invalid_detected_at");

    private static UnsubscribesAnswer Parse(ReadOnlyMemory<byte> body, string list, string address, string time)
    {
        using var document = JsonDocument.Parse(body);
        var answer = TrackAnswer.Object(document);
        var message = TrackAnswer.Text(answer, "message");
        if (!answer.TryGetProperty(list, out var emails) || emails.ValueKind != JsonValueKind.Array)
        {
            return message == TrackAnswer.Success ? throw new JsonException("The answer holds no list.") : new UnsubscribesAnswer(message, []);
        }

        return new UnsubscribesAnswer(message, [.. emails.EnumerateArray().Select(entry => Read(entry, address, time))]);
    }

    /// <summary>Braze writes a time as <c>2016-08-25 15:24:32 +0000</c>.</summary>
    private static (string Email, DateTimeOffset At) Read(JsonElement entry, string address, string time)
        => TrackAnswer.Text(entry, address) is { } email && TrackAnswer.Text(entry, time) is { } written
            && DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? (BrazeProfiles.Normal(email), at)
            : throw new JsonException("An entry has no address or no time.");
}
