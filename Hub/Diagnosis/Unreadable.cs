using System.Globalization;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>What waits because this version cannot read what a newer one wrote, or what is damaged. Pure.</summary>
internal static class Unreadable
{
    private const string Mend = "Run the version that wrote it, or restore it from a backup; it goes on by itself within a minute.";

    /// <summary>Decisions about who is who, whatever waits for them.</summary>
    public static IEnumerable<Verdict> Explain(Situation situation) => situation.UnreadableDecisions is not { } decisions ? [] :
    [
        new Verdict(
            DiagnosisCode.IdentityUnreadable,
            string.Create(CultureInfo.InvariantCulture, $"This version of the hub cannot read {decisions.Count:N0} decisions about who is who: a newer version wrote them, or they are damaged. Nothing is sent for the people whom they name, and what is stated of them changes nobody else; everybody else goes on. {Mend}"))
        { Kind = "identity", Subject = "decisions", Since = decisions.Since, Action = "status" },
    ];

    /// <summary>Why all that is left of some work waits, when that is the reason; else null.</summary>
    public static Verdict? Of(IReadOnlyList<PendingWork> work) => work.Count == 0 ? null
        : work.All(one => one.Unreadable == one.Looked) ? new Verdict(
            DiagnosisCode.WorkUnreadable,
            string.Create(CultureInfo.InvariantCulture, $"The {work.Sum(one => one.Records):N0} records that are left are of operations that this version of the hub does not know. {Mend}"))
        { Action = "status", Since = work.Min(one => one.Oldest) }
        : work.All(one => one.Due == one.Unreadable && (one.Looked == one.Unreadable || one.LastCode == ReceiptReading.WhoIsUnreadable)) ? new Verdict(
            DiagnosisCode.IdentityUnreadable,
            string.Create(CultureInfo.InvariantCulture, $"The {work.Sum(one => one.Records):N0} records that are left are of people about whom there is a decision that this version of the hub cannot read. {Mend}"))
        { Action = "status", Since = work.Min(one => one.Oldest) }
        : null;
}
