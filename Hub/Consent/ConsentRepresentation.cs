using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Consent;

/// <summary>How a destination keeps consent: which purpose is the vendor's global state, which are topics of it. Pure.</summary>
/// <param name="MarketingEmail">The purpose whose denial is the vendor's global opt-out of marketing e-mail; null when none is.</param>
/// <param name="Topics">Topics at the vendor by purpose.</param>
internal sealed record ConsentRepresentation(string? MarketingEmail, IReadOnlyDictionary<string, TopicRepresentation> Topics)
{
    /// <summary>All purposes that are kept there.</summary>
    public IEnumerable<string> Purposes => Topics.Keys.Concat(MarketingEmail is null ? [] : [MarketingEmail]).Distinct(StringComparer.Ordinal);

    /// <summary>True when a topic is about text messages, which are known by phone number.</summary>
    public bool HasTextMessages => Topics.Values.Any(topic => topic.Channel == ConsentChannel.Sms);

    /// <summary>What the destination should hold; null when nothing is known of the person's will.</summary>
    /// <param name="consentJson">Consent states as kept with the profile.</param>
    /// <param name="email">The person's e-mail address, or null.</param>
    /// <param name="phone">The person's phone number as E.164, or null.</param>
    /// <exception cref="JsonException">The states cannot be read.</exception>
    public ConsentChange? For(string consentJson, string? email, string? phone)
    {
        using var states = JsonDocument.Parse(consentJson);
        var global = MarketingEmail is null ? null : StateOf(states.RootElement, MarketingEmail);
        var topics = new List<TopicConsent>();
        var latest = global;
        foreach (var (purpose, topic) in Topics)
        {
            if (StateOf(states.RootElement, purpose) is { } state)
            {
                topics.Add(new TopicConsent(topic.Ref, state.Granted, topic.Channel));
                latest = latest is null || state.At > latest.Value.At ? state : latest;
            }
        }

        return latest is not { } decided
            ? null
            : new ConsentChange { Email = email, Phone = phone, MarketingEmail = global?.Granted, Topics = topics, DecidedAt = decided.At, Source = decided.Source };
    }

    private static (bool Granted, DateTimeOffset At, string? Source)? StateOf(JsonElement states, string purpose) =>
        states.TryGetProperty(purpose, out var state)
            ? (state.GetProperty("s").GetString() == "granted", DateTimeOffset.FromUnixTimeMilliseconds(state.GetProperty("t").GetInt64()), state.GetProperty("src").GetString())
            : null;
}

/// <summary>A topic at the vendor.</summary>
/// <param name="Ref">The vendor's id: a subscription group, a subscription type, a boolean field.</param>
/// <param name="Channel">What it is about.</param>
internal sealed record TopicRepresentation(string Ref, ConsentChannel Channel);
