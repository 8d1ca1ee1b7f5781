using System.Buffers;
using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Consent;

/// <summary>What granted, denied and unknown consent decide, per purpose. Fails closed: without a rule nothing is sent.</summary>
/// <param name="written">The rules as they are written.</param>
internal sealed class ConsentPolicy(ConsentRules written)
{
    private readonly Dictionary<string, CompiledPurpose> _compiled =
        written.Purposes.ToDictionary(static p => p.Name, static p => new CompiledPurpose(p), StringComparer.Ordinal);

    /// <summary>Decides for one person and one destination. The first purpose that forbids decides.</summary>
    /// <param name="destinationPurposes">The purposes that the destination needs; all must allow.</param>
    /// <param name="consentJson">
    /// Consent states as kept with the profile (<see cref="StoredConsent"/>). A purpose that is not named is unknown; a status that is not known counts as denied.
    /// </param>
    public ConsentDecision Decide(IReadOnlyList<string> destinationPurposes, string consentJson)
    {
        var decision = new ConsentDecision(false, null, null, ConsentCode.NoRule);
        var states = consentJson == StoredConsent.Nothing ? null : ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(consentJson.Length));
        try
        {
            var json = states is null ? "{}"u8 : states.AsSpan(0, Encoding.UTF8.GetBytes(consentJson, states));
            for (var i = 0; i < destinationPurposes.Count; i++)
            {
                decision = Decide(destinationPurposes[i], json);
                if (!decision.Allowed)
                {
                    return decision;
                }
            }

            return decision;
        }
        catch (JsonException)
        {
            return new ConsentDecision(false, null, null, ConsentCode.Unreadable);
        }
        finally
        {
            if (states is not null)
            {
                ArrayPool<byte>.Shared.Return(states);
            }
        }
    }

    private ConsentDecision Decide(string purpose, ReadOnlySpan<byte> states)
    {
        if (!_compiled.TryGetValue(purpose, out var compiled))
        {
            return new ConsentDecision(false, purpose, null, ConsentCode.NoRule);
        }

        return StoredConsent.IsGranted(states, compiled.Name) switch
        {
            true => compiled.Granted,
            false => compiled.Denied,
            null => compiled.Unknown,
        };
    }

    private sealed class CompiledPurpose(ConsentPurpose purpose)
    {
        private readonly byte[] _name = Encoding.UTF8.GetBytes(purpose.Name);

        public ReadOnlySpan<byte> Name => _name;

        public ConsentDecision Granted { get; } = DecisionOf(purpose.Name, purpose.Granted, ConsentCode.Denied);

        public ConsentDecision Denied { get; } = DecisionOf(purpose.Name, purpose.Denied, ConsentCode.Denied);

        public ConsentDecision Unknown { get; } = DecisionOf(purpose.Name, purpose.Unknown, ConsentCode.Unknown);

        private static ConsentDecision DecisionOf(string purpose, ConsentRule? rule, string code) => rule switch
        {
            null => new ConsentDecision(false, purpose, null, ConsentCode.NoRule),
            { Allow: true } => new ConsentDecision(true, purpose, rule.Name, null),
            _ => new ConsentDecision(false, purpose, rule.Name, code),
        };
    }
}

/// <summary>The reason codes of a consent decision.</summary>
internal static class ConsentCode
{
    /// <summary>The person denied or withdrew, or a rule forbids although the person granted.</summary>
    public const string Denied = "consent_denied";

    /// <summary>The person had denied it when the event was collected, whatever they decided since.</summary>
    public const string AtCollection = "consent_at_collection";

    /// <summary>Nothing is known of the person's will and the policy does not allow without.</summary>
    public const string Unknown = "consent_unknown";

    /// <summary>The policy has no rule for the purpose or the state.</summary>
    public const string NoRule = "no_rule";

    /// <summary>What is kept of the person's consent cannot be read.</summary>
    public const string Unreadable = "consent_unreadable";
}
