using System.Text.Json;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>
/// Answer of the consent endpoints of version 4: rows by address, in any order. An address that is left out was not answered.
/// https://developers.hubspot.com/docs/api-reference/legacy/communication-preferences/guide
/// </summary>
internal sealed class ConsentBatch
{
    public List<ConsentRow> Rows { get; } = [];

    /// <summary>What HubSpot has against inputs. It does not say against which: those that the rows leave out.</summary>
    public List<HubSpotError> Errors { get; } = [];

    /// <exception cref="JsonException">The body is not what HubSpot documents.</exception>
    public static ConsentBatch Parse(ReadOnlySpan<byte> body)
    {
        var batch = new ConsentBatch();
        var reader = new Utf8JsonReader(body);
        using var document = body.IsEmpty ? null : JsonDocument.ParseValue(ref reader);
        if (document is null)
        {
            return batch;
        }

        batch.Errors.AddRange(ProfileBatch.Rows(document.RootElement, "errors").Select(HubSpotError.From));
        foreach (var row in ProfileBatch.Rows(document.RootElement, "results").Where(static row => row.ValueKind == JsonValueKind.Object))
        {
            var address = Text(row, "subscriberIdString");
            var isNested = row.TryGetProperty("statuses", out _) || row.TryGetProperty("wideStatuses", out _);
            var statuses = (isNested ? ProfileBatch.Rows(row, "statuses").Concat(ProfileBatch.Rows(row, "wideStatuses")) : [row]).Where(static status => status.ValueKind == JsonValueKind.Object)
                .Select(static status => new ConsentStatus(Text(status, "subscriptionId"), Text(status, "status"), Text(status, "setStatusSuccessReason")));
            if (address is not null)
            {
                batch.Rows.Add(new ConsentRow(address, [.. statuses]));
            }
        }

        return batch;
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value)
        ? value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null }
        : null;
}

/// <summary>What HubSpot holds about an address. Personal data.</summary>
internal sealed record ConsentRow(string Address, IReadOnlyList<ConsentStatus> Statuses)
{
    /// <summary>The status of a subscription type, or null when nobody ever decided.</summary>
    public string? Of(string subscriptionId) => Statuses.FirstOrDefault(status => status.SubscriptionId == subscriptionId)?.Status;

    /// <summary>Whether the address is opted out of everything, in the answer about that.</summary>
    public bool IsOptedOut => Statuses.Any(static status => status is { SubscriptionId: null, Status: ConsentStatus.Unsubscribed });

    /// <summary>Whether the address is off every subscription that an opt-out of everything told of.</summary>
    public bool HasLeft => Statuses.All(static status => status.Status == ConsentStatus.Unsubscribed);

    /// <summary>Whether a write told that it was so already.</summary>
    public bool IsUnchanged => Statuses.Count > 0 && Statuses.All(static status => status.IsUnchanged);
}

/// <summary>A status.</summary>
/// <param name="SubscriptionId">The subscription type; null for the one that covers all.</param>
/// <param name="Status"><see cref="Subscribed"/>, <see cref="Unsubscribed"/> or <c>NOT_SPECIFIED</c>.</param>
/// <param name="Reason">After a write, what happened: <c>NO_STATUS_CHANGE</c>, <c>REQUESTED_CHANGE_OCCURRED</c> and others; else null.</param>
internal sealed record ConsentStatus(string? SubscriptionId, string? Status, string? Reason)
{
    public const string Subscribed = "SUBSCRIBED";
    public const string Unsubscribed = "UNSUBSCRIBED";

    public bool IsUnchanged => Reason == "NO_STATUS_CHANGE";
}
