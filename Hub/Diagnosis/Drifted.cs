using System.Globalization;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>What comparisons found and nobody put right. Pure.</summary>
internal static class Drifted
{
    /// <summary>One verdict per audience and destination that differ.</summary>
    public static IEnumerable<Verdict> Explain(Situation situation) =>
        from drift in situation.Drifts.Select(drift => drift.Left())
        where drift.Total > 0
        select new Verdict(
            DiagnosisCode.VendorDrift,
            string.Create(
                CultureInfo.InvariantCulture,
                $"When {drift.Audience} was compared with {drift.Destination} at {drift.ComparedAt:u}, {drift.Missing:N0} people were missing there, {drift.Unexpected:N0} should not have been members, and {drift.Different:N0} had other values; nobody put them right. 'reconcile show {drift.RunId}' tells the causes, 'reconcile {drift.Audience} {drift.Destination} --now' compares again."))
        {
            Kind = "audience",
            Subject = drift.Audience,
            Destination = drift.Destination,
            Since = drift.ComparedAt,
            Action = $"reconcile show {drift.RunId}",
            Evidence = [string.Create(CultureInfo.InvariantCulture, $"{drift.Total:N0} people, policy {drift.Heal}")],
        };
}
