using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Consent;

/// <summary>How a destination keeps consent: which purpose is the vendor's global state, which are topics of it. Pure.</summary>
/// <param name="written">As the destination's file says it.</param>
internal sealed class ConsentRepresentation(ConsentSection written)
{
    /// <summary>True when a topic is about text messages, which are known by phone number.</summary>
    public bool HasTextMessages => written.Topics.Values.Any(topic => topic.Channel == ConsentChannel.Sms);

    /// <summary>What the destination should hold; null when nothing is known of the person's will.</summary>
    /// <param name="consentJson">Consent states as kept with the profile.</param>
    /// <param name="email">The person's e-mail address, or null.</param>
    /// <param name="phone">The person's phone number as E.164, or null.</param>
    /// <param name="decide">What the policy says of a purpose: a grant that has ended is told as a no where nothing goes out without one, and else not at all.</param>
    /// <exception cref="JsonException">The states cannot be read.</exception>
    public ConsentChange? For(string consentJson, string? email, string? phone, Func<string, ConsentDecision> decide)
    {
        var states = StoredConsent.Read(consentJson);
        var global = written.MarketingEmail is null ? null : Told(states, written.MarketingEmail, decide);
        var topics = new List<TopicConsent>();
        var latest = global;
        foreach (var (purpose, topic) in written.Topics)
        {
            if (Told(states, purpose, decide) is { } state)
            {
                topics.Add(new TopicConsent(topic.Ref, state.IsGranted, topic.Channel));
                latest = latest is null || state.DecidedAt > latest.Value.DecidedAt ? state : latest;
            }
        }

        return latest is not { } decided
            ? null
            : new ConsentChange { Email = email, Phone = phone, MarketingEmail = global?.IsGranted, Topics = topics, DecidedAt = decided.DecidedAt, Source = decided.Source };
    }

    private static PurposeConsent? Told(IReadOnlyDictionary<string, PurposeConsent> states, string purpose, Func<string, ConsentDecision> decide)
    {
        if (!states.TryGetValue(purpose, out var state))
        {
            return null;
        }

        var decision = decide(purpose);
        if (state.Status != ConsentWord.Expired && !(state.IsGranted && decision.HasEnded))
        {
            return state;
        }

        return decision.Allowed ? null : state with { Status = ConsentWord.Expired };
    }
}
