using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Marketo;

namespace Connectors.Tests;

/// <summary>What the tables of the connectors can say of a record or a destination stands in the runbook.</summary>
public sealed class When_an_outcome_is_looked_up
{
    private static readonly string Runbook = File.ReadAllText(Path.Combine(Root(), "Hub", "Docs", "runbooks", "reason-codes.md"));

    [Test]
    public void Should_be_in_the_runbook_for_Braze() =>
        Missing(BrazeOutcomes.Requests.Concat(BrazeOutcomes.Records).Concat(BrazeOutcomes.Renames).Select(rule => rule.Verdict.Code!));

    [Test]
    public void Should_be_in_the_runbook_for_HubSpot() => Missing(HubSpotOutcomes.Rows.Where(row => row.Status is not null || row.Signal is not null)
        .Select(row => row.Code ?? $"hubspot_{row.Signal ?? row.Status!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)}"));

    [Test]
    public void Should_be_in_the_runbook_for_Marketo() => Missing(MarketoOutcomes.Rows.Values.Select(row => row.ReasonCode));

    [Test]
    public void Should_have_a_repair_for_everything_that_is_set_up_wrongly()
    {
        var braze = BrazeOutcomes.Requests.Where(rule => rule.Verdict.Trouble == DestinationTrouble.Misconfigured).Select(rule => rule.Verdict.Code!);
        var hubSpot = HubSpotOutcomes.Rows.Where(row => row is { Verdict: Verdict.Stop, Trouble: DestinationTrouble.Misconfigured })
            .Select(row => $"hubspot_{row.Signal ?? row.Status!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
        var marketo = MarketoOutcomes.Rows.Values.Where(row => row.Trouble == DestinationTrouble.Misconfigured).Select(row => row.ReasonCode).Except([ReasonCode.AudienceGone]);

        Assert.Multiple(() =>
        {
            Assert.That(braze.Except(BrazeDescriptor.Instance.Repairs.Keys), Is.Empty);
            Assert.That(hubSpot.Except(HubSpotDescriptor.Instance.Repairs.Keys), Is.Empty);
            Assert.That(marketo.Except(MarketoDescriptor.Value.Repairs.Keys), Is.Empty);
            Assert.That(new[] { BrazeDescriptor.Instance, HubSpotDescriptor.Instance, MarketoDescriptor.Value }.SelectMany(descriptor => descriptor.Repairs.Values)
                .Where(repair => !repair.Problem.EndsWith('.') || !repair.Fix.EndsWith('.')), Is.Empty);
        });
    }

    private static void Missing(IEnumerable<string> codes)
    {
        var all = codes.Distinct().ToList();
        Assert.That(all, Has.Count.GreaterThan(15));
        Assert.That(all.Where(code => !Runbook.Contains($"`{code}`", StringComparison.Ordinal)), Is.Empty);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "IntegrationHub.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
