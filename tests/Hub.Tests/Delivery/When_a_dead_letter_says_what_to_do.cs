using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Tests.Delivery;

public sealed class When_a_dead_letter_says_what_to_do
{
    [TestCase("set_consent", "rejected", "Not in force: braze")]
    [TestCase("track_event", "dead_lettered", "not sent again")]
    [TestCase("add_member", "rejected", "'sync start customers --destination braze'")]
    [TestCase("remove_member", "dead_lettered", "after 8 attempts")]
    public void Should_name_the_consequence_and_the_next_step(string operation, string outcome, string advice) => Assert.That(
        DeadLetterAdvice.For(new DeadLetterView(1, Guid.Empty, "braze", "customers", 7, operation, outcome, "http_400", 8, DateTimeOffset.UnixEpoch, null)), Does.Contain(advice));
}
