using IntegrationHub.Hub;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Demo;

try
{
    Globalization.Begin();
}
catch (GlobalizationException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return ExitCode.Failed;
}

return await CommandLine.RunAsync(args, new HostVerbs
{
    Serve = HubHost.ServeAsync,
    Migrate = HubHost.MigrateAsync,
    Doubt = HubHost.DoubtAsync,
    Demo = SampleDemo.RunAsync,
    Validate = HubHost.ValidateAsync,
    Moves = ConfigurationMoves.ListAsync,
    Warnings = HubHost.Warnings,
    Map = HubHost.Map,
});
