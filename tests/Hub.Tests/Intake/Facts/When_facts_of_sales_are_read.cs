using IntegrationHub.Hub.Tests.Consent;
using System.Text;
using System.Text.Json.Nodes;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Intake.Facts;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>What the schemas of leads, accounts, opportunities and merges do not say: whom they have to name, and which fields belong together.</summary>
public sealed class When_facts_of_sales_are_read
{
    [TestCase(typeof(AccountUpdated), """{"account_id":"a-1"}""", null)]
    [TestCase(typeof(AccountUpdated), """{"account_id":"a-1","external_id":"p-1"}""", null)]
    [TestCase(typeof(AccountUpdated), """{"external_id":"p-1"}""", "subject.account_id")]
    [TestCase(typeof(AccountUpdated), """{"crm_id":"c-1"}""", "subject.account_id")]
    [TestCase(typeof(OpportunityCreated), """{"account_id":"a-1"}""", null)]
    [TestCase(typeof(OpportunityStageChanged), """{"external_id":"p-1"}""", null)]
    [TestCase(typeof(OpportunityCreated), """{}""", "subject")]
    [TestCase(typeof(LeadCreated), """{"account_id":"a-1"}""", "subject")]
    [TestCase(typeof(ProfileDeleted), """{"email":"kai@example.test"}""", null)]
    public void Should_name_a_person_or_an_account(Type contract, string subject, string? path)
    {
        var fact = ApprovedFact.Of(contract);
        fact["subject"] = JsonNode.Parse(subject);
        Assert.That(Read(fact).Quarantined?.Path, Is.EqualTo(path));
    }

    [TestCase("""{"external_id":"p-2"}""", null, null)]
    [TestCase("""{"phone":"+1 202 555 0100"}""", null, null)]
    [TestCase("""{}""", "payload.merged", "keys_missing")]
    [TestCase("""{"email":" "}""", "payload.merged", "keys_missing")]
    [TestCase("""{"external_id":4711}""", "payload.merged.external_id", "not_a_text")]
    [TestCase("""{"external_id":" P-1"}""", null, null)]
    [TestCase("""{"external_id":"p-1 "}""", "payload.merged.external_id", "merged_with_itself")]
    public void Should_name_the_profile_that_is_gone(string merged, string? path, string? code)
    {
        var fact = ApprovedFact.Of(typeof(ProfileMerged));
        fact["subject"] = new JsonObject { ["external_id"] = "p-1" };
        fact["payload"]!["merged"] = JsonNode.Parse(merged);
        Assert.That((Read(fact).Quarantined?.Path, Read(fact).Quarantined?.Code), Is.EqualTo((path, code)));
    }

    [TestCase("null", "missing")]
    [TestCase("\"\"", "missing")]
    [TestCase("\" \"", "missing")]
    [TestCase("17", "not_a_text")]
    [TestCase("true", "not_a_text")]
    public void Should_name_the_lead_or_the_opportunity(string id, string code)
    {
        foreach (var contract in (Type[])[typeof(LeadCreated), typeof(LeadEnriched), typeof(LeadScored), typeof(LeadQualified), typeof(OpportunityCreated), typeof(OpportunityStageChanged)])
        {
            var fact = ApprovedFact.Of(contract);
            var name = contract.Name.StartsWith("Lead", StringComparison.Ordinal) ? "lead_id" : "opportunity_id";
            fact["payload"]![name] = JsonNode.Parse(id);
            Assert.That((Read(fact).Quarantined?.Path, Read(fact).Quarantined?.Code), Is.EqualTo(($"payload.{name}", code)));
        }
    }

    [TestCase("1000.50", "\"EUR\"", null)]
    [TestCase("\"1000.50\"", "\"EUR\"", null)]
    [TestCase("null", "null", null)]
    [TestCase("10", "null", "payload.currency")]
    [TestCase("10", "\"Euro\"", "payload.currency")]
    [TestCase("-1", "\"EUR\"", "payload.amount")]
    [TestCase("\"much\"", "\"EUR\"", "payload.amount")]
    public void Should_say_an_amount_with_its_currency(string amount, string currency, string? path)
    {
        foreach (var contract in (Type[])[typeof(OpportunityCreated), typeof(OpportunityStageChanged)])
        {
            var fact = ApprovedFact.Of(contract);
            fact["payload"]!["amount"] = JsonNode.Parse(amount);
            fact["payload"]!["currency"] = JsonNode.Parse(currency);
            Assert.That(Read(fact).Quarantined?.Path, Is.EqualTo(path));
        }
    }

    [TestCase("\"2027-02-30\"", "payload.expected_close_on")]
    [TestCase("\"2027-02-28T10:00:00Z\"", "payload.expected_close_on")]
    [TestCase("\"2027-02-28\"", null)]
    public void Should_say_a_day_as_a_day(string day, string? path)
    {
        var fact = ApprovedFact.Of(typeof(OpportunityCreated));
        fact["payload"]!["expected_close_on"] = JsonNode.Parse(day);
        Assert.That(Read(fact).Quarantined?.Path, Is.EqualTo(path));
    }

    private static FactVerdict Read(JsonNode fact) => FactReading.Read(Encoding.UTF8.GetBytes(fact.ToJsonString()), new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero), Authorities.Everybody);
}
