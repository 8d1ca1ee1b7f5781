using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Facts overtake each other; what a person decided does not depend on it. A failure shows the fewest decisions that differ.</summary>
public sealed class When_decisions_come_in_any_order
{
    private static readonly DateTimeOffset _noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [FsCheck.NUnit.Property(MaxTest = 1_000)]
    public bool Should_end_at_the_same_consent(Decision[] decisions, int order) => Statuses(Shuffled(decisions, order)).SequenceEqual(Statuses(decisions));

    [FsCheck.NUnit.Property(MaxTest = 1_000)]
    public bool Should_end_at_the_same_consent_however_many_come_at_a_time(Decision[] first, Decision[] second) =>
        Statuses(ConsentState.Latest(first.Select(Row)).Concat(second.Select(Row))).SequenceEqual(Statuses(first.Concat(second).Select(Row)));

    [FsCheck.NUnit.Property(MaxTest = 1_000)]
    public bool Should_say_the_same_of_a_person_with_an_id_and_an_address(Decision[] decisions, int order) =>
        ConsentState.Effective(Shuffled(decisions, order).Select(OfAddress), []) == ConsentState.Effective(decisions.Select(OfAddress), []);

    private static ConsentRow OfAddress(Decision decision) => Row(decision) with { SubjectKey = decision.Key % 2 == 0 ? "id:1" : "email:a@example.test", Source = "form" };

    private static Decision[] Shuffled(Decision[] decisions, int order)
    {
        var shuffled = decisions.ToArray();
        new Random(order).Shuffle(shuffled);
        return shuffled;
    }

    private static ConsentRow Row(Decision decision) =>
        new($"id:{decision.Key % 2}", $"p{decision.Purpose % 2}", decision.Granted ? "granted" : "denied", "form", _noon.AddMinutes(decision.Minute % 4), decision.Collected)
        {
            ExpiresAt = decision.Granted && decision.Days % 3 > 0 ? _noon.AddDays(decision.Days % 3) : null, HasEvidence = decision.Evidence,
        };

    private static IEnumerable<string> Statuses(IEnumerable<Decision> decisions) => Statuses(decisions.Select(Row));

    private static IEnumerable<string> Statuses(IEnumerable<ConsentRow> rows) =>
        ConsentState.Latest(rows).Select(row => $"{row.SubjectKey} {row.Purpose} {row.Status} {row.ExpiresAt:O} {row.Status == "granted" && row.HasEvidence}").Order(StringComparer.Ordinal);

    /// <summary>Few keys, purposes and minutes, so that decisions meet.</summary>
    public sealed record Decision(byte Key, byte Purpose, byte Minute, bool Granted, bool Collected, byte Days, bool Evidence);
}
