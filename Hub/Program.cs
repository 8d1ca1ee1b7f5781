using IntegrationHub.Hub;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Demo;

return await CommandLine.RunAsync(args, new HostVerbs
{
    Serve = HubHost.ServeAsync,
    Demo = SampleDemo.RunAsync,
    Validate = HubHost.ValidateAsync,
});
