using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Verification;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Registers what plans, delivers and reads back.</summary>
internal static class DeliverySetup
{
    public static IServiceCollection AddDelivery(this IServiceCollection services) => services
        .AddSingleton<DestinationHealth>().AddSingleton<AudienceTargets>()
        .AddSingleton<OpenTurns>().AddSingleton<SendingMarks>().AddSingleton<BatchSender>().AddSingleton<ClaimSettler>()
        .AddSingleton<BulkExperience>().AddSingleton<GivenUpJobs>().AddSingleton<BulkDrain>().AddSingleton<LiveGuardrail>().AddSingleton<PolicyInForce>().AddSingleton<PartitionDrain>()
        .AddSingleton<AudienceSyncPlanner>().AddSingleton<ReadBackTurn>().AddSingleton<FieldReadBack>().AddSingleton<MemberReadBack>()
        .AddSingleton<StepPostponement>().AddSingleton<RunReminder>().AddSingleton<AskedReminder>().AddSingleton<RunStarter>();
}
